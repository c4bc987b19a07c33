-- Grain: one row per customer on the as-of date, the unknown customer left out
{{ config(materialized='view') }}
with

dim_customers as (select * from {{ ref('dim_customers') }}),

fct_customer_roi as (select * from {{ ref('fct_customer_roi') }}),

fct_clv as (select * from {{ ref('fct_clv') }}),

fct_customer_health as (select * from {{ ref('fct_customer_health') }}),

latest_health as (
    select * from fct_customer_health
    where is_as_of_date
),

final as (
    select
        roi.customer_key,
        roi.as_of_date,
        roi.customer_kind,
        roi.lifecycle,
        dim_customers.rfm_segment,
        dim_customers.region,
        dim_customers.country,
        dim_customers.industry,
        dim_customers.acquisition_channel,
        roi.is_active,
        roi.tenure_months,
        roi.net_revenue_12m_amount,
        roi.support_cost_12m_amount,
        roi.return_12m_amount,
        roi.customer_roi_12m,
        fct_clv.predictive_clv_amount,
        fct_clv.no_clv_reason,
        latest_health.health_score,
        latest_health.health_band,
        roi.latest_nps_score,
        roi.ticket_12m_count,
        roi.average_first_reply_time_calendar_minutes
    from fct_customer_roi as roi
    left join dim_customers on roi.customer_key = dim_customers.customer_key
    left join fct_clv on roi.customer_key = fct_clv.customer_key
    left join latest_health on roi.customer_key = latest_health.customer_key
    where roi.customer_key <> 'unknown'
)

select * from final
