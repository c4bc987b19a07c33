-- Grain: one row per segmentation, segment, cohort (month of the start, or all) and month since
with

cohort_months as (select * from {{ ref('int_cohort_months') }}),

-- Per customer first and added up then: a cohort observed for less time does not dilute, nor
-- does a month of a cohort whose support cost is not known.
cumulative as (
    select
        *,
        sum(unknown_margin_count) over to_here as unknown_margin_to_date_count,
        sum(unknown_contribution_count) over to_here as unknown_contribution_to_date_count,
        min(contribution_customer_count) over to_here as least_contribution_customer_count,
        {{ money('sum(net_revenue_amount) over to_here') }} as net_revenue_to_date_amount,
        {{ money(settled(
            exact_sum(ratio('net_revenue_amount', 'customer_count'), over='to_here')
        )) }} as net_revenue_to_date_per_customer_amount,
        {{ money('sum(gross_margin_amount) over to_here') }} as gross_margin_to_date_amount,
        {{ money(settled(
            exact_sum(ratio('gross_margin_amount', 'customer_count'), over='to_here')
        )) }} as gross_margin_to_date_per_customer_amount,
        {{ money('sum(contribution_amount) over to_here') }} as contribution_to_date_amount,
        {{ money(settled(
            exact_sum(ratio('contribution_amount', 'contribution_customer_count'), over='to_here')
        )) }} as contribution_to_date_per_customer_amount
    from cohort_months
    window to_here as (
        partition by segmentation, segment, cohort
        order by months_since_start
        rows between unbounded preceding and current row
    )
),

-- A part of a margin would pass for the whole: from the first unknown month on it is NULL.
known as (
    select
        *,
        unknown_margin_count = 0 as is_month_known,
        unknown_margin_to_date_count = 0 as is_margin_known,
        unknown_margin_to_date_count = 0 and least_contribution_customer_count > 0
            as is_curve_known,
        {{ money(ratio('acquisition_cost_amount', 'acquisition_cost_known_count')) }}
            as acquisition_cost_per_customer_amount
    from cumulative
),

final as (
    select
        segmentation,
        segment,
        cohort,
        cohort_month_date,
        months_since_start,
        customer_count,
        retained_count,
        {{ ratio('retained_count', 'customer_count') }} as retention_rate,
        net_revenue_amount,
        case when is_month_known then gross_margin_amount end as gross_margin_amount,
        case when unknown_contribution_count = 0 then contribution_amount end
            as contribution_amount,
        contribution_customer_count,
        unknown_support_cost_count as support_cost_unknown_customer_month_count,
        case when cohort <> 'all' then net_revenue_to_date_amount end
            as net_revenue_to_date_amount,
        case when cohort <> 'all' and is_margin_known then gross_margin_to_date_amount end
            as gross_margin_to_date_amount,
        case
            when cohort <> 'all' and unknown_contribution_to_date_count = 0
                then contribution_to_date_amount
        end as contribution_to_date_amount,
        net_revenue_to_date_per_customer_amount,
        case when is_margin_known then gross_margin_to_date_per_customer_amount end
            as gross_margin_to_date_per_customer_amount,
        case when is_curve_known then contribution_to_date_per_customer_amount end
            as contribution_to_date_per_customer_amount,
        acquisition_cost_known_count,
        acquisition_cost_per_customer_amount,
        case
            when is_curve_known then contribution_to_date_per_customer_amount
                >= acquisition_cost_per_customer_amount
        end as is_acquisition_cost_recovered
    from known
)

select * from final
