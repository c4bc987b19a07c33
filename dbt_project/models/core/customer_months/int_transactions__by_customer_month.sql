-- Grain: one row per customer and month with a money movement
with

transactions as (select * from {{ ref('fct_transactions') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

final as (
    select
        transactions.customer_key,
        transactions.month_date,
        count(distinct transactions.order_id) filter (
            where transactions.transaction_kind = 'sale'
        ) as transaction_count,
        count(distinct transactions.order_id) filter (
            where transactions.transaction_kind = 'sale'
                and transactions.rate_to_reporting is not null
                and contracts.contract_id is null
        ) as purchase_count,
        cast(
            coalesce(
                sum(transactions.gross_revenue_amount) filter (where contracts.contract_id is null),
                0
            ) as decimal(18, 4)
        ) as purchase_revenue_amount,
        -- What a contract bills is not a decision to buy again.
        max(transactions.business_date) filter (
            where transactions.transaction_kind = 'sale' and contracts.contract_id is null
        ) as last_purchase_date,
        count(*) filter (where transactions.rate_to_reporting is null)
            as unconverted_transaction_count,
        count(*) filter (
            where transactions.rate_to_reporting is not null
                and transactions.cost_of_sales_amount is null
        ) as unknown_cost_count,
        {{ money('coalesce(sum(transactions.gross_revenue_amount), 0)') }} as gross_revenue_amount,
        {{ money('coalesce(sum(transactions.refund_amount), 0)') }} as refund_amount,
        {{ money('coalesce(sum(transactions.payment_amount), 0)') }} as payment_amount,
        {{ money('coalesce(sum(transactions.cost_of_sales_amount), 0)') }}
            as known_cost_of_sales_amount
    from transactions
    cross join run_parameters
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.business_date <= run_parameters.as_of_date
    group by 1, 2
)

select * from final
