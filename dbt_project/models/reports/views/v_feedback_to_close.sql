-- Grain: one row per low answer nobody is known to have followed up
{{ config(materialized='view') }}
with

rpt_feedback_to_close as (select * from {{ ref('rpt_feedback_to_close') }}),

final as (
    select
        response_id,
        customer_key,
        answered_at,
        survey_kind,
        score,
        low_reason,
        comment,
        owner_team,
        age_days,
        net_revenue_12m_amount
    from rpt_feedback_to_close
    where loop_status = 'open'
)

select * from final
