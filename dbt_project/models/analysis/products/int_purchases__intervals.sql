-- Grain: one row per customer without contract and day they bought: the pause that followed
with

transactions as (select * from {{ ref('fct_transactions') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

customers as (select * from {{ ref('dim_customers') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- A contract's invoices are no decisions to buy.
purchase_days as (
    select distinct
        transactions.customer_key,
        transactions.business_date
    from transactions
    cross join run_parameters
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind = 'sale'
        and contracts.contract_id is null
        and transactions.customer_key <> 'unknown'
        and transactions.business_date <= run_parameters.as_of_date
),

sequenced as (
    select
        *,
        lead(business_date) over (
            partition by customer_key order by business_date
        ) as next_business_date
    from purchase_days
),

final as (
    select
        sequenced.customer_key,
        customers.customer_kind,
        sequenced.business_date,
        sequenced.next_business_date is not null as is_over,
        -- The last pause goes on: it has lasted at least until the as-of date.
        {{ days_between('sequenced.business_date',
            'coalesce(sequenced.next_business_date, run_parameters.as_of_date)') }} as pause_days
    from sequenced
    cross join run_parameters
    inner join customers
        on customers.customer_key = sequenced.customer_key
)

select * from final
