-- Grain: one row per money movement with a customer
with

transactions as (select * from {{ ref('stg_crm__transactions') }}),

resolved as (select * from {{ ref('int_customer_identifiers__matched') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

dated as (
    select
        transactions.*,
        {{ reference_key('transactions') }} as reference_key,
        cast({{ to_local('transactions.occurred_at', 'run_parameters.time_zone') }} as date)
            as business_date
    from transactions
    cross join run_parameters
),

-- The range join on a few days and currencies; the many rows then join on equality.
currency_days as (select distinct currency, business_date from dated),

day_rates as (
    select
        currency_days.currency,
        currency_days.business_date,
        rates.rate_to_reporting,
        rates.is_before_first_rate
    from currency_days
    inner join rates
        on rates.currency = currency_days.currency
        and rates.valid_from <= currency_days.business_date
        and rates.valid_to > currency_days.business_date
),

final as (
    select
        dated.transaction_id,
        coalesce(resolved.customer_key, 'unknown') as customer_key,
        dated.occurred_at,
        dated.business_date,
        dated.transaction_kind,
        dated.product,
        dated.product_category,
        dated.quantity,
        dated.channel,
        dated.contract_id,
        dated.order_id,
        dated.currency,
        dated.amount,
        day_rates.rate_to_reporting,
        day_rates.is_before_first_rate,
        {{ to_reporting('dated.amount', 'day_rates.rate_to_reporting') }} as reporting_amount,
        {{ to_reporting('dated.cost_amount', 'day_rates.rate_to_reporting') }}
            as reporting_cost_amount
    from dated
    left join resolved
        on resolved.reference_key = dated.reference_key
    left join day_rates
        on day_rates.currency = dated.currency
        and day_rates.business_date = dated.business_date
)

select * from final
