-- Grain: one row per money movement with a customer
with

transactions as (select * from {{ ref('stg_crm__transactions') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

keyed as (
    select
        transactions.*,
        {{ reference_key('transactions') }} as reference_key,
        cast({{ to_local('transactions.occurred_at', 'run_parameters.time_zone') }} as date)
            as business_date
    from transactions
    cross join run_parameters
),

-- Do the range join on a few days and currencies, so that the many rows join on equality.
currency_days as (select distinct currency, business_date from keyed),

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
        keyed.transaction_id,
        coalesce(customers.customer_key, 'unknown') as customer_key,
        keyed.occurred_at,
        keyed.business_date,
        keyed.transaction_kind,
        keyed.product,
        keyed.product_category,
        keyed.quantity,
        keyed.channel,
        keyed.contract_id,
        keyed.order_id,
        keyed.currency,
        keyed.amount,
        day_rates.rate_to_reporting,
        day_rates.is_before_first_rate,
        {{ to_reporting('keyed.amount', 'day_rates.rate_to_reporting') }} as reporting_amount,
        {{ to_reporting('keyed.cost_amount', 'day_rates.rate_to_reporting') }}
            as reporting_cost_amount
    from keyed
    left join customers
        on customers.reference_key = keyed.reference_key
    left join day_rates
        on day_rates.currency = keyed.currency
        and day_rates.business_date = keyed.business_date
)

select * from final
