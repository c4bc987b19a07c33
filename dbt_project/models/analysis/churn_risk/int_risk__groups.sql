-- Grain: one row per customer and score date, the group by whose losses their risk is judged
{{ config(materialized='view') }}
with

health as (select * from {{ ref('fct_customer_health') }}),

final as (
    select
        customer_key,
        score_date,
        is_as_of_date,
        customer_kind,
        -- Who has given notice on everything is as good as gone, however healthy.
        case
            when mrr_amount > 0 and noticed_mrr_amount >= mrr_amount then 'notice'
            else health_band
        end as risk_group
    from health
)

select * from final
