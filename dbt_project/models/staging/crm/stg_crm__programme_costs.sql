-- Grain: one row per entry of the ledger, those of the latest extract of a month and kind
{{ config(materialized='view') }}
with

programme_costs as (select * from {{ source('lake', 'programme_costs') }}),

latest as (
    {{ latest_entries('programme_costs', ['programme_id', 'cost_month', 'cost_kind']) }}
),

final as (
    select
        programme_id,
        cost_month,
        cost_kind,
        amount,
        currency,
        source_system,
        extract_date
    from latest
)

select * from final
