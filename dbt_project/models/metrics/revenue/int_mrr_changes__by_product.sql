-- Grain: one row per customer, currency, product line, product and month in which its MRR changed
{{ config(materialized='view') }}
with

contracts as (select * from {{ ref('int_contracts__price_periods') }}),

successors as (select * from {{ ref('int_contracts__successors') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- The MRR of a contract that is renewed stays until the next one begins.
changes as (
    select
        *,
        from_date as change_date,
        1 as direction
    from contracts

    union all

    select
        contracts.*,
        coalesce(successors.successor_start_date, contracts.to_date) as change_date,
        -1 as direction
    from contracts
    left join successors
        on successors.contract_id = contracts.contract_id
        and contracts.is_last_period
    where contracts.to_date is not null
),

monthly as (
    select
        changes.customer_key,
        changes.currency,
        coalesce(changes.product_category, changes.product, 'unknown') as product_category,
        coalesce(changes.product, changes.product_category, 'unknown') as product,
        cast(date_trunc('month', changes.change_date) as date) as month_date,
        sum(changes.direction) as contract_change,
        {{ money('sum(changes.direction * changes.original_mrr_amount)') }} as mrr_change_amount
    from changes
    cross join run_parameters
    where changes.change_date <= run_parameters.as_of_date
        and changes.original_mrr_amount > 0
    group by 1, 2, 3, 4, 5
),

running as (
    select
        *,
        sum(contract_change) over (
            partition by customer_key, currency, product_category, product
            order by month_date
            rows between unbounded preceding and current row
        ) as contract_count
    from monthly
),

-- As many contracts for one product at another amount: its price changed. Else its volume did.
final as (
    select
        customer_key,
        currency,
        product_category,
        product,
        month_date,
        mrr_change_amount,
        case
            when contract_change = 0 and contract_count > 0 and mrr_change_amount > 0
                then mrr_change_amount
            else {{ money('0') }}
        end as price_rise_amount
    from running
    where contract_change <> 0 or mrr_change_amount <> 0
)

select * from final
