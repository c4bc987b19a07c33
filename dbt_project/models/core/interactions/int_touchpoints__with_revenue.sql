-- Grain: one row per touch up to the as-of date, and whether the customer got value by it
{{ config(materialized='view') }}
with

interactions as (select * from {{ ref('fct_interactions') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- What a contract bills is neither a decision to buy nor use.
billed_transactions as (
    select transaction_id
    from transactions
    where contract_id is not null
),

final as (
    select
        interactions.*,
        interactions.interaction_kind = 'product_use'
            or (
                interactions.interaction_kind = 'purchase'
                and billed_transactions.transaction_id is null
            ) as is_value
    from interactions
    cross join run_parameters
    left join billed_transactions
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on billed_transactions.transaction_id
            = case when interactions.source_entity = 'transactions' then interactions.source_id end
    where interactions.business_date <= run_parameters.as_of_date
)

select * from final
