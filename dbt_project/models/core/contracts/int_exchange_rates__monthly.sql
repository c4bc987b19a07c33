-- Grain: one row per currency of a contract and month, the rate of the month's first day
with

contracts as (select * from {{ ref('int_contracts__enriched') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Twelve months may begin up to eleven before the first contract.
spine as (
    select
        {{ date_spine("date_trunc('month', min(contracts.start_date)) - interval 11 month",
            'max(run_parameters.as_of_date)', 'month') }} as month_at
    from contracts
    cross join run_parameters
),

currencies as (select distinct currency from contracts),

final as (
    select
        currencies.currency,
        cast(spine.month_at as date) as month_date,
        rates.rate_to_reporting
    from spine
    cross join currencies
    inner join rates
        on rates.currency = currencies.currency
        and rates.valid_from <= cast(spine.month_at as date)
        and rates.valid_to > cast(spine.month_at as date)
)

select * from final
