-- Grain: one row per published claim that experience and what followed it can speak to
with

buckets as (select * from {{ ref('int_experience__outcome_sums') }}),

low_answers as (
    select
        *,
        -- What customers said goes before what their tickets show.
        row_number() over (
            partition by horizon_days, bucket_rank
            order by case signal when 'csat' then 1 when 'ces' then 2 else 3 end
        ) as source_rank
    from buckets
    where signal in ('csat', 'ces', 'contact_effort')
        and active_n > 0
),

efforts as (
    select
        *,
        row_number() over (
            partition by bucket
            order by case signal when 'ces' then 1 else 2 end
        ) as source_rank
    from buckets
    where signal in ('ces', 'contact_effort')
        and horizon_days = 180
        and active_n > 0
),

shares as (
    select
        'poor_service_loses_within_a_day' as claim_id,
        churned_n,
        active_n
    from low_answers
    where horizon_days = 30
        and bucket_rank = 1
        and source_rank = 1
    union all
    select
        case bucket when 'high_effort' then 'high_effort_makes_disloyal'
            else 'low_effort_keeps_loyal' end as claim_id,
        churned_n,
        active_n
    from efforts
    where source_rank = 1
),

means as (
    select
        bucket,
        cast(net_revenue_n as bigint) as customer_count,
        {{ ratio('net_revenue_sum', 'net_revenue_n') }} as mean_revenue,
        {{ squared_error('buckets', 'net_revenue') }} as revenue_error,
        cast(growth_n as bigint) as growth_customer_count,
        {{ ratio('after_sum', 'before_sum') }} - 1 as growth,
        -- A ratio of sums over customers: the spread of after less its share of before.
        {{ ratio_squared_error('growth_n', 'nullif(before_sum, 0)', 'after_square_sum',
            'product_sum', 'before_square_sum', ratio('after_sum', 'before_sum')) }} as growth_error
    from buckets
    where signal = 'nps'
        and horizon_days = 180
),

pairs as (
    select
        promoters.customer_count + detractors.customer_count as n,
        promoters.growth_customer_count + detractors.growth_customer_count as growth_n,
        promoters.mean_revenue as revenue_one,
        promoters.revenue_error as revenue_error_one,
        detractors.mean_revenue as revenue_two,
        detractors.revenue_error as revenue_error_two,
        promoters.growth as growth_one,
        promoters.growth_error as growth_error_one,
        detractors.growth as growth_two,
        detractors.growth_error as growth_error_two
    from means as promoters
    inner join means as detractors
        on detractors.bucket = 'detractor'
    where promoters.bucket = 'promoter'
),

final as (
    select
        claim_id,
        cast(active_n as bigint) as n,
        {{ claimed_share('churned_n', 'active_n') }},
        true as is_association
    from shares

    union all

    select
        'best_experience_spends_more' as claim_id,
        n,
        {{ claimed_ratio(
            'revenue_one', 'revenue_error_one', 'revenue_two', 'revenue_error_two', less=1
        ) }},
        true as is_association
    from pairs

    union all

    select
        'excellent_grows_five_times' as claim_id,
        growth_n as n,
        {{ claimed_ratio('growth_one', 'growth_error_one', 'growth_two', 'growth_error_two') }},
        true as is_association
    from pairs
)

select * from final
