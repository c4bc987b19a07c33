-- Grain: one row per customer at risk with value at stake, the most first
{{ config(materialized='view') }}
with

rpt_customers_at_risk as (select * from {{ ref('rpt_customers_at_risk') }}),

final as (
    select
        value_rank,
        customer_key,
        customer_kind,
        lifecycle,
        risk_rate,
        risk_basis,
        expected_contribution_12m_amount,
        value_at_stake_amount,
        main_reason,
        health_score,
        health_band,
        is_under_notice,
        next_renewal_date,
        open_ticket_count,
        outreach_hours
    from rpt_customers_at_risk
    where value_at_stake_amount > 0
)

select * from final
