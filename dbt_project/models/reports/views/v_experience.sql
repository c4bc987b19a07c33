-- Grain: one row per experience and bucket, what followed in 180 days
{{ config(materialized='view') }}
with

fct_experience_impact as (select * from {{ ref('fct_experience_impact') }}),

final as (
    select
        signal,
        bucket,
        bucket_rank,
        reference_bucket,
        customer_count,
        active_count,
        churn_rate,
        adjusted_churn_risk_ratio,
        adjusted_churn_risk_ratio_low,
        adjusted_churn_risk_ratio_high,
        churn_not_adjusted_reason,
        average_net_revenue_before_amount,
        average_net_revenue_amount,
        average_support_cost_amount
    from fct_experience_impact
    where horizon_days = 180
)

select * from final
