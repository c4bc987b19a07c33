-- Grain: one row per day and currency pair, its latest version
{{ config(materialized='view') }}
with

exchange_rates as (select * from {{ source('lake', 'exchange_rates') }}),

latest as (
    {{ latest_version('exchange_rates', ['rate_date', 'from_currency', 'to_currency']) }}
),

final as (
    select
        rate_date,
        from_currency,
        to_currency,
        rate,
        source_system,
        extract_date
    from latest
)

select * from final
