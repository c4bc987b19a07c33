-- Grain: one row per entry of the ledger, those of the latest extract of a month and kind
{{ config(materialized='view') }}
with

support_expenses as (select * from {{ source('lake', 'support_expenses') }}),

latest as (
    {{ latest_entries('support_expenses', ['expense_month', 'expense_kind', 'channel']) }}
),

final as (
    select
        expense_month,
        expense_kind,
        channel,
        amount,
        currency,
        source_system,
        extract_date
    from latest
)

select * from final
