-- Grain: one row per customer and trigger that has a value, the most first within its basis
{{ config(materialized='view') }}
with

rpt_next_actions as (select * from {{ ref('rpt_next_actions') }}),

final as (
    select
        value_rank,
        trigger,
        customer_key,
        customer_kind,
        lifecycle,
        due_date,
        product_line,
        expected_value_amount,
        value_basis,
        reason
    from rpt_next_actions
    where expected_value_amount > 0
)

select * from final
