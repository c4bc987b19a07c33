-- Grain: one row per published claim measured by outcomes after an experience
{{ config(materialized='view') }}
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

effort_answers as (
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

churned_shares as (
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
    from effort_answers
    where source_rank = 1
),

nps_means as (
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

nps_ratios as (
    select
        promoters.customer_count + detractors.customer_count as n,
        promoters.growth_customer_count + detractors.growth_customer_count as growth_n,
        promoters.mean_revenue as promoter_revenue,
        detractors.mean_revenue as detractor_revenue,
        {{ ratio_of_means('promoters.mean_revenue', 'detractors.mean_revenue') }} as revenue_ratio,
        {{ log_ratio_error(
            'promoters.mean_revenue', 'promoters.revenue_error',
            'detractors.mean_revenue', 'detractors.revenue_error'
        ) }} as revenue_log_error,
        promoters.growth as promoter_growth,
        detractors.growth as detractor_growth,
        {{ ratio_of_means('promoters.growth', 'detractors.growth') }} as growth_ratio,
        {{ log_ratio_error(
            'promoters.growth', 'promoters.growth_error',
            'detractors.growth', 'detractors.growth_error'
        ) }} as growth_log_error
    from nps_means as promoters
    inner join nps_means as detractors
        on detractors.bucket = 'detractor'
    where promoters.bucket = 'promoter'
),

final as (
    select
        claim_id,
        cast(active_n as bigint) as n,
        {{ claimed_share('churned_n', 'active_n') }},
        true as is_association
    from churned_shares

    union all

    select
        'best_experience_spends_more' as claim_id,
        n,
        round(revenue_ratio - 1, 10) as own_figure,
        round({{ log_bound('revenue_ratio', 'revenue_log_error', -1) }} - 1, 10) as own_low,
        round({{ log_bound('revenue_ratio', 'revenue_log_error', 1) }} - 1, 10) as own_high,
        round(promoter_revenue, 10) as own_first_figure,
        round(detractor_revenue, 10) as own_second_figure,
        true as is_association
    from nps_ratios

    union all

    select
        'excellent_grows_five_times' as claim_id,
        growth_n as n,
        round(growth_ratio, 10) as own_figure,
        round({{ log_bound('growth_ratio', 'growth_log_error', -1) }}, 10) as own_low,
        round({{ log_bound('growth_ratio', 'growth_log_error', 1) }}, 10) as own_high,
        round(promoter_growth, 10) as own_first_figure,
        round(detractor_growth, 10) as own_second_figure,
        true as is_association
    from nps_ratios
)

select * from final
