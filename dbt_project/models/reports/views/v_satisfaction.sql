-- Grain: one row per closed quarter, survey kind and scope, over all customers
{{ config(materialized='view') }}
with

fct_segment_satisfaction as (select * from {{ ref('fct_segment_satisfaction') }}),

final as (
    select
        period_date,
        survey_kind,
        survey_scope,
        nps_answer_count,
        nps,
        nps_low,
        nps_high,
        csat_answer_count,
        csat_rate,
        csat_rate_low,
        csat_rate_high,
        ces_answer_count,
        ces_low_effort_rate,
        sent_count,
        response_rate
    from fct_segment_satisfaction
    where segmentation = 'all' and period_kind = 'quarter' and is_closed_period
)

select * from final
