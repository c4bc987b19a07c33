-- Grain: one row per closed quarter and reason of leaving, over all customers
{{ config(materialized='view') }}
with

fct_churn_reasons as (select * from {{ ref('fct_churn_reasons') }}),

final as (
    select
        period_date,
        reason_category,
        voluntariness,
        lost_count,
        lost_share_rate
    from fct_churn_reasons
    where segmentation = 'all' and period_kind = 'quarter'
)

select * from final
