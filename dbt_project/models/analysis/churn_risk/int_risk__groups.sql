-- Grain: one row per customer and score date: the risk group whose loss rate is theirs
{{ config(materialized='view') }}
with

health as (select * from {{ ref('fct_customer_health') }}),

final as (
    select
        customer_key,
        score_date,
        is_as_of_date,
        customer_kind,
        -- Notice on all of the MRR goes before the health band: the customer is leaving.
        case
            when mrr_amount > 0 and noticed_mrr_amount >= mrr_amount then 'notice'
            else health_band
        end as risk_group
    from health
)

select * from final
