-- Grain: one row per cohort month and month since start, over all customers
{{ config(materialized='view') }}
with

fct_cohort_value as (select * from {{ ref('fct_cohort_value') }}),

final as (
    select
        cohort_month_date,
        months_since_start,
        customer_count,
        retained_count,
        retention_rate,
        net_revenue_to_date_per_customer_amount,
        contribution_to_date_per_customer_amount,
        acquisition_cost_per_customer_amount
    from fct_cohort_value
    where segmentation = 'all' and cohort_month_date is not null
)

select * from final
