-- Grain: one row per customer who was ever active and segmentation cohorts are told apart by
{{ config(materialized='view') }}
with

months as (select * from {{ ref('fct_customer_months') }}),

segments as (select * from {{ ref('int_customer_segments__backdated') }}),

customers as (select * from {{ ref('dim_customers') }}),

final as (
    select
        months.customer_key,
        months.month_date as cohort_month_date,
        segments.segmentation,
        segments.segment,
        customers.acquisition_cost_amount
    from months
    inner join segments
        on segments.customer_key = months.customer_key
        and segments.valid_from_date <= months.month_date
        and segments.valid_to_date > months.month_date
    inner join customers
        on customers.customer_key = months.customer_key
    where months.tenure_months = 0
        and months.is_closed_month
        and segments.segmentation in ('all', 'customer_kind', 'acquisition_channel')
)

select * from final
