-- Grain: one row per touch up to the as-of date, and whether the customer got value by it
{{ config(materialized='view') }}
with

touches as (select * from {{ ref('fct_interactions') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- What a contract bills is no decision to buy and no use.
billed as (
    select transaction_id
    from transactions
    where contract_id is not null
),

final as (
    select
        touches.*,
        touches.interaction_kind = 'product_use'
            or (touches.interaction_kind = 'purchase' and billed.transaction_id is null)
            as is_value
    from touches
    cross join run_parameters
    left join billed
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on billed.transaction_id
            = case when touches.source_entity = 'transactions' then touches.source_id end
    where touches.business_date <= run_parameters.as_of_date
)

select * from final
