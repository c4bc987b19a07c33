-- Grain: one row per customer without contract, as long after a purchase as they usually buy again
{{ config(materialized='view') }}
with

transactions as (select * from {{ ref('fct_transactions') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

customers as (select * from {{ ref('dim_customers') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

settings as (select * from {{ ref('int_settings') }}),

-- The invoices of a contract are no decisions to buy.
purchase_days as (
    select distinct
        transactions.customer_key,
        customers.customer_kind,
        transactions.business_date
    from transactions
    cross join run_parameters
    inner join customers
        on customers.customer_key = transactions.customer_key
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind = 'sale'
        and contracts.contract_id is null
        and transactions.customer_key <> 'unknown'
        and transactions.business_date <= run_parameters.as_of_date
),

next_purchases as (
    select
        *,
        lead(business_date) over (
            partition by customer_key order by business_date
        ) as next_business_date
    from purchase_days
),

-- The last interval is censored: it has lasted until the as-of date at least.
intervals as (
    select
        next_purchases.customer_key,
        next_purchases.customer_kind,
        next_purchases.business_date,
        next_purchases.next_business_date is not null as is_complete,
        {{ days_between('next_purchases.business_date',
            'coalesce(next_purchases.next_business_date, run_parameters.as_of_date)') }}
            as interval_days
    from next_purchases
    cross join run_parameters
),

own_quartiles as (
    select
        customer_key,
        count(*) as interval_count,
        cast(floor({{ quantile('interval_days', 0.25) }}) as int) as from_days,
        cast(ceil({{ quantile('interval_days', 0.75) }}) as int) as to_days
    from intervals
    where is_complete
    group by customer_key
),

kind_quartiles as (
    select
        customer_kind,
        count(distinct customer_key) as customer_count,
        cast(floor({{ quantile('interval_days', 0.25) }}) as int) as from_days,
        cast(ceil({{ quantile('interval_days', 0.75) }}) as int) as to_days
    from intervals
    where is_complete
    group by customer_kind
),

-- Of the intervals that reached the window and are known to its end: how many ended in it.
interval_outcomes as (
    select
        intervals.customer_kind,
        count(distinct intervals.customer_key) as customer_count,
        count(*) as interval_count,
        count(*) filter (
            where intervals.is_complete and intervals.interval_days <= kind_quartiles.to_days
        ) as bought_count
    from intervals
    inner join kind_quartiles
        on kind_quartiles.customer_kind = intervals.customer_kind
    where intervals.interval_days >= kind_quartiles.from_days
        and (intervals.is_complete or intervals.interval_days > kind_quartiles.to_days)
    group by intervals.customer_kind
),

open_intervals as (
    select
        intervals.customer_key,
        intervals.customer_kind,
        intervals.business_date,
        intervals.interval_days,
        coalesce(own_quartiles.interval_count, 0) >= settings.repurchase_own_pauses as is_own,
        case
            when own_quartiles.interval_count >= settings.repurchase_own_pauses
                then own_quartiles.from_days
            when kind_quartiles.customer_count >= settings.rate_minimum_customers
                then kind_quartiles.from_days
        end as from_days,
        case
            when own_quartiles.interval_count >= settings.repurchase_own_pauses
                then own_quartiles.to_days
            when kind_quartiles.customer_count >= settings.rate_minimum_customers
                then kind_quartiles.to_days
        end as to_days
    from intervals
    cross join settings
    left join own_quartiles
        on own_quartiles.customer_key = intervals.customer_key
    left join kind_quartiles
        on kind_quartiles.customer_kind = intervals.customer_kind
    where not intervals.is_complete
),

final as (
    select
        open_intervals.customer_key,
        'repurchase_window' as trigger,
        concat(
            'last purchase ', open_intervals.interval_days, ' days ago; ',
            case when open_intervals.is_own then 'this customer usually buys'
                else 'customers of that kind usually buy' end,
            ' again after ', open_intervals.from_days, ' to ', open_intervals.to_days, ' days'
        ) as reason,
        open_intervals.business_date + open_intervals.to_days as due_date,
        {{ money(ratio('returns.gross_margin_12m_amount', 'returns.transaction_12m_count')) }}
            as base_amount,
        {{ ratio('interval_outcomes.bought_count', 'interval_outcomes.interval_count') }} as rate,
        coalesce(interval_outcomes.customer_count, 0) as rate_customer_count,
        'baseline' as value_basis,
        'margin per order of 12 months × share of such pauses of that kind that end in the window'
            as value_formula
    from open_intervals
    inner join returns
        on returns.customer_key = open_intervals.customer_key
    left join interval_outcomes
        on interval_outcomes.customer_kind = open_intervals.customer_kind
    where open_intervals.interval_days
        between open_intervals.from_days and open_intervals.to_days
        and returns.is_active
)

select * from final
