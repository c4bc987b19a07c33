-- Grain: one row per segmentation, segment, cohort (month of the start, or all) and month since
{{ config(materialized='view') }}
{%- set counts = [
    'customer', 'retained', 'unknown_margin', 'unknown_contribution', 'unknown_support_cost',
    'acquisition_cost_known', 'contribution_customer',
] %}
{%- set amounts = ['net_revenue', 'gross_margin', 'contribution', 'acquisition_cost'] %}
with

cohort_months as (select * from {{ ref('int_cohort_months__summed') }}),

-- The contribution of a cohort's month is known of all its customers, or taken of none of them.
summed as (
    select
        segmentation,
        segment,
        cohort_month_date,
        months_since_start
        {%- for count in counts[:-1] %},
        {{ count }}_count
        {%- endfor %},
        case when unknown_contribution_count = 0 then customer_count else 0 end
            as contribution_customer_count,
        net_revenue_amount,
        gross_margin_amount,
        case when unknown_contribution_count = 0 then contribution_amount else 0 end
            as contribution_amount,
        acquisition_cost_amount
    from cohort_months
),

-- All cohorts as one: in every month since the start, the customers who have been watched so long.
final as (
    select
        segmentation,
        segment,
        'all' as cohort,
        cast(null as date) as cohort_month_date,
        months_since_start
        {%- for count in counts %},
        cast(sum({{ count }}_count) as bigint) as {{ count }}_count
        {%- endfor %}
        {%- for amount in amounts %},
        cast(sum({{ amount }}_amount) as decimal(18, 4)) as {{ amount }}_amount
        {%- endfor %}
    from summed
    group by 1, 2, 5

    union all

    select
        segmentation,
        segment,
        substr(cast(cohort_month_date as varchar(10)), 1, 7) as cohort,
        cohort_month_date,
        months_since_start
        {%- for count in counts %},
        {{ count }}_count
        {%- endfor %}
        {%- for amount in amounts %},
        {{ amount }}_amount
        {%- endfor %}
    from summed
)

select * from final
