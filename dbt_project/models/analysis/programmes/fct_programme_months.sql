-- Grain: one row per programme, segmentation, segment and closed month since its start
with

months as (select * from {{ ref('int_programme_cost_benefit__to_date') }}),

returns as (select * from {{ ref('int_programme_returns') }}),

-- Without a result for the effect there is no benefit of a month either.
judged as (
    select
        months.*,
        returns.effect_amount is not null as has_result
    from months
    inner join returns
        on returns.programme_id = months.programme_id
        and returns.segmentation = months.segmentation
        and returns.segment = months.segment
),

final as (
    select
        programme_id,
        segmentation,
        segment,
        {{ month_of_index('month_number') }} as month_date,
        cast(months_since_programme_start as int) as months_since_programme_start,
        cast(exposed_customer_count as bigint) as treated_customer_count,
        cast(matched_customer_count as bigint) as matched_customer_count,
        {{ money(settled('cost_amount')) }} as cost_amount,
        cost_to_date_amount,
        case when has_result then {{ money(settled('benefit_amount')) }} end as benefit_amount,
        case when has_result then benefit_to_date_amount end as benefit_to_date_amount,
        case when has_result then {{ money('benefit_to_date_amount - cost_to_date_amount') }} end
            as net_to_date_amount,
        case when has_result then is_paid_back end as is_paid_back,
        discount_factor
    from judged
)

select * from final
