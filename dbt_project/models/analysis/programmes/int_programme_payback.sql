-- Grain: one row per programme, segmentation and segment: its months, its cost, its payback
with

months as (select * from {{ ref('int_programme_cost_benefit__to_date') }}),

summed as (
    select
        programme_id,
        segmentation,
        segment,
        min(month_number - months_since_programme_start) as start_number,
        max(month_number) as last_number,
        min(case when is_paid_back then month_number end) as payback_number,
        cast(sum(exposed_customer_count) as bigint) as treated_month_count,
        cast(sum(active_customer_count) as bigint) as active_month_count,
        {{ exact_sum('exposed_customer_count * discount_factor') }} as discounted_month_count,
        {{ ratio(exact_sum('span_weight'), exact_sum('matched_weight')) }} as span_months,
        max(unknown_cost_month_count) as unknown_cost_month_count,
        {{ exact_sum('cost_amount') }} as cost_amount,
        {{ exact_sum('cost_amount * discount_factor') }} as discounted_cost_amount
    from months
    group by programme_id, segmentation, segment
),

final as (
    select
        programme_id,
        segmentation,
        segment,
        start_number,
        last_number,
        treated_month_count,
        active_month_count,
        discounted_month_count,
        span_months,
        unknown_cost_month_count,
        case when unknown_cost_month_count = 0 then cost_amount end as cost_amount,
        case when unknown_cost_month_count = 0 then discounted_cost_amount end
            as discounted_cost_amount,
        payback_number - start_number as payback_months,
        payback_number
    from summed
)

select * from final
