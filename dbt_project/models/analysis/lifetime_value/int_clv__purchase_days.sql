-- Grain: one row per customer and day they bought something that no contract bills
with

transactions as (select * from {{ ref('fct_transactions') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- All purchases of a day are one purchase. Shipping belongs to it; a refund of another day does
-- not, and comes in with the contribution that a unit of revenue leaves.
final as (
    select
        transactions.customer_key,
        transactions.business_date,
        case
            when count(*) = count(transactions.gross_revenue_amount)
                then {{ money('sum(transactions.gross_revenue_amount)') }}
        end as spend_amount
    from transactions
    cross join run_parameters
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind in ('sale', 'shipping')
        and contracts.contract_id is null
        and transactions.customer_key <> 'unknown'
        and transactions.business_date <= run_parameters.as_of_date
    group by transactions.customer_key, transactions.business_date
    having count(*) filter (where transactions.transaction_kind = 'sale') > 0
)

select * from final
