-- Grain: one row per customer kind and acquisition channel, customers won in the last 12 months
{{ config(materialized='view') }}
with

dim_customers as (select * from {{ ref('dim_customers') }}),

fct_customer_roi as (select * from {{ ref('fct_customer_roi') }}),

won as (
    select
        customers.customer_kind,
        coalesce(customers.acquisition_channel, 'unknown') as acquisition_channel,
        customers.acquisition_cost_amount,
        roi.return_12m_amount,
        roi.is_active
    from dim_customers as customers
    inner join fct_customer_roi as roi on customers.customer_key = roi.customer_key
    where
        customers.customer_key <> 'unknown'
        and customers.first_seen_date > roi.as_of_date - interval 12 month
),

final as (
    select
        customer_kind,
        acquisition_channel,
        count(*) as new_customer_12m_count,
        count(*) filter (where is_active) as active_customer_count,
        count(acquisition_cost_amount) as acquisition_cost_known_count,
        sum(acquisition_cost_amount) as acquisition_cost_amount,
        cast(
            cast(sum(acquisition_cost_amount) as double) / nullif(count(acquisition_cost_amount), 0)
            as decimal(18, 4)
        ) as acquisition_cost_per_customer_amount
    from won
    group by customer_kind, acquisition_channel
)

select * from final
