-- Grain: one row per currency and interval of days in which one rate holds
with

exchange_rates as (select * from {{ ref('stg_crm__exchange_rates') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

quotes as (
    select
        exchange_rates.rate_date,
        exchange_rates.from_currency as currency,
        cast(exchange_rates.rate as decimal(20, 12)) as rate_to_reporting,
        'direct' as rate_rule
    from exchange_rates
    inner join run_parameters
        on run_parameters.reporting_currency = exchange_rates.to_currency

    union all

    select
        exchange_rates.rate_date,
        exchange_rates.to_currency as currency,
        cast(cast(1 as double) / cast(exchange_rates.rate as double) as decimal(20, 12))
            as rate_to_reporting,
        'inverse' as rate_rule
    from exchange_rates
    inner join run_parameters
        on run_parameters.reporting_currency = exchange_rates.from_currency
),

-- A day quoted both ways takes the direct rate; a quote of the reporting currency to itself is
-- ignored.
ranked_quotes as (
    select
        quotes.*,
        row_number() over (
            partition by quotes.currency, quotes.rate_date
            order by quotes.rate_rule
        ) as preference
    from quotes
    cross join run_parameters
    where quotes.currency <> run_parameters.reporting_currency
),

intervals as (
    select
        currency,
        rate_date as valid_from,
        lead(rate_date, 1, date '9999-12-31') over (
            partition by currency
            order by rate_date
        ) as valid_to,
        rate_to_reporting,
        rate_rule,
        row_number() over (partition by currency order by rate_date) as interval_number
    from ranked_quotes
    where preference = 1
),

final as (
    select
        currency,
        valid_from,
        valid_to,
        rate_to_reporting,
        rate_rule,
        false as is_before_first_rate
    from intervals

    union all

    select
        currency,
        date '0001-01-01' as valid_from,
        valid_from as valid_to,
        rate_to_reporting,
        rate_rule,
        true as is_before_first_rate
    from intervals
    where interval_number = 1

    union all

    select
        reporting_currency as currency,
        date '0001-01-01' as valid_from,
        date '9999-12-31' as valid_to,
        cast(1 as decimal(20, 12)) as rate_to_reporting,
        'reporting' as rate_rule,
        false as is_before_first_rate
    from run_parameters
)

select * from final
