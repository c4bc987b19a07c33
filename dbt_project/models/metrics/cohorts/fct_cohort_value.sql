-- Grain: one row per segmentation, segment, cohort (month of the start, or all) and month since
{%- set counted_over = {
    'net_revenue': 'customer', 'gross_margin': 'customer', 'contribution': 'contribution_customer',
} %}
with

pooled as (select * from {{ ref('int_cohort_months') }}),

-- Per customer first and added up then: who has not been watched so long yet does not dilute, nor
-- does a month of a cohort whose support cost is not known.
running as (
    select
        *,
        sum(unknown_margin_count) over to_here as unknown_margin_to_date_count,
        sum(unknown_contribution_count) over to_here as unknown_contribution_to_date_count,
        min(contribution_customer_count) over to_here as least_contribution_customer_count
        {%- for amount, counted in counted_over.items() %},
        {{ money('sum(' ~ amount ~ '_amount) over to_here') }} as {{ amount }}_to_date_amount,
        {{ money(settled(
            exact_sum(ratio(amount ~ '_amount', counted ~ '_count'), over='to_here')
        )) }} as {{ amount }}_to_date_per_customer_amount
        {%- endfor %}
    from pooled
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
    from running
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
