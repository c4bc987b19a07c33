-- Grain: one row per customer and product line (category) they ever had
with

contracts as (select * from {{ ref('fct_contracts') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

customers as (select * from {{ ref('dim_customers') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- What a contract bills is that contract's line, set-up fees included.
holdings as (
    select
        contracts.customer_key,
        contracts.product_category,
        contracts.is_open as is_owned_now,
        case when contracts.is_open then contracts.acv_amount else 0 end as annual_revenue_amount
    from contracts
    cross join run_parameters
    where contracts.contract_kind <> 'trial'
        and contracts.start_date <= run_parameters.as_of_date

    union all

    select
        transactions.customer_key,
        transactions.product_category,
        transactions.transaction_kind = 'sale'
            and transactions.business_date > run_parameters.as_of_date - interval 12 month
            as is_owned_now,
        case
            when transactions.business_date > run_parameters.as_of_date - interval 12 month
                then transactions.net_revenue_amount
            else 0
        end as annual_revenue_amount
    from transactions
    cross join run_parameters
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind in ('sale', 'refund')
        and transactions.business_date <= run_parameters.as_of_date
        and contracts.contract_id is null
),

final as (
    select
        holdings.customer_key,
        customers.customer_kind,
        holdings.product_category,
        max(case when holdings.is_owned_now then 1 else 0 end) = 1 as is_owned_now,
        {{ money('sum(holdings.annual_revenue_amount)') }} as annual_revenue_amount
    from holdings
    inner join customers
        on customers.customer_key = holdings.customer_key
    where holdings.customer_key <> 'unknown'
        and holdings.product_category is not null
    group by holdings.customer_key, customers.customer_kind, holdings.product_category
)

select * from final
