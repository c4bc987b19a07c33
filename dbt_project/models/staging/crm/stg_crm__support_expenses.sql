-- Grain: one row per month, kind and channel of the support ledger, its latest version
with

support_expenses as (select * from {{ source('lake', 'support_expenses') }}),

latest as (
    {{ latest_version('support_expenses', ['expense_month', 'expense_kind', 'channel']) }}
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
