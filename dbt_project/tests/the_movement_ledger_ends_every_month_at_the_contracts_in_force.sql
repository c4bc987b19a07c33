-- By another way than adding up movements: what the contracts in force on the last day of each
-- month (of the as-of month: on the as-of date) bring a month, those being renewed among them. And
-- no month is left out.
with

ledger as (select * from {{ ref('fct_revenue_movements') }}),

contracts as (select * from {{ ref('int_contracts__price_periods') }}),

successors as (select * from {{ ref('int_contracts__successors') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

dated as (
    select
        ledger.*,
        least(last_day(ledger.month_date), run_parameters.as_of_date) as end_date,
        lag(ledger.month_date) over customer_ledger as previous_month_date,
        lag(ledger.original_mrr_end_amount) over customer_ledger as previous_end_amount
    from ledger
    cross join run_parameters
    window customer_ledger as (
        partition by ledger.customer_key, ledger.currency
        order by ledger.month_date
    )
),

in_force as (
    select
        dated.customer_key,
        dated.currency,
        dated.month_date,
        sum(contracts.original_mrr_amount) as contract_amount
    from dated
    inner join contracts
        on contracts.customer_key = dated.customer_key
        and contracts.currency = dated.currency
        and contracts.from_date <= dated.end_date
    left join successors
        on successors.contract_id = contracts.contract_id
        and contracts.is_last_period
    where coalesce(successors.successor_start_date, contracts.to_date, date '9999-12-31')
        > dated.end_date
    group by 1, 2, 3
)

select
    dated.customer_key,
    dated.currency,
    dated.month_date,
    dated.original_mrr_end_amount,
    in_force.contract_amount
from dated
left join in_force
    on in_force.customer_key = dated.customer_key
    and in_force.currency = dated.currency
    and in_force.month_date = dated.month_date
where dated.original_mrr_end_amount <> coalesce(in_force.contract_amount, 0)
    or dated.original_mrr_begin_amount <> coalesce(dated.previous_end_amount, 0)
    or {{ month_boundaries('dated.previous_month_date', 'dated.month_date') }} <> 1
