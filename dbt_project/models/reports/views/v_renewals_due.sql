-- Grain: one row per customer and contract to be renewed soon
{{ config(materialized='view') }}
with

rpt_next_actions as (select * from {{ ref('rpt_next_actions') }}),

fct_contracts as (select * from {{ ref('fct_contracts') }}),

final as (
    select
        actions.due_date,
        actions.customer_key,
        actions.contract_id,
        actions.customer_kind,
        contracts.product,
        contracts.acv_amount,
        actions.rate,
        actions.expected_value_amount,
        actions.reason
    from rpt_next_actions as actions
    left join fct_contracts as contracts on actions.contract_id = contracts.contract_id
    where actions.trigger = 'renewal_due'
)

select * from final
