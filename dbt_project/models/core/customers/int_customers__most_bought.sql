-- Grain: one row per customer_key that bought a product whose name is known
with

transactions as (select * from {{ ref('fct_transactions') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

counted as (
    select
        transactions.customer_key,
        transactions.product,
        count(*) as sale_count,
        sum(transactions.gross_revenue_amount) as revenue_amount
    from transactions
    cross join run_parameters
    where transactions.transaction_kind = 'sale'
        and transactions.product is not null
        and transactions.customer_key <> 'unknown'
        and transactions.business_date <= run_parameters.as_of_date
    group by transactions.customer_key, transactions.product
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_key
            order by sale_count desc, revenue_amount desc nulls last, product
        ) as product_rank
    from counted
),

final as (
    select
        customer_key,
        product as most_bought_product
    from ranked
    where product_rank = 1
)

select * from final
