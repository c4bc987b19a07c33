-- Grain: one row per customer_key and month with an order outside contracts or a contract signed
{{ config(materialized='view') }}
with

contracts as (select * from {{ ref('fct_contracts') }}),

successors as (select * from {{ ref('int_contracts__successors') }}),

months as (select * from {{ ref('fct_customer_months') }}),

transactions as (select * from {{ ref('int_transactions__by_customer_month') }}),

first_months as (
    select
        customer_key,
        min(month_date) as month_date
    from months
    group by customer_key
),

-- Signed before anything else happened: counts in the first month there is.
dated as (
    select
        contracts.customer_key,
        cast(greatest(
            date_trunc('month', coalesce(contracts.signed_date, contracts.start_date)),
            first_months.month_date
        ) as date) as month_date,
        contracts.total_contract_value_amount as value_amount,
        case when contracts.total_contract_value_amount > 0 then 1 else 0 end as has_value,
        successors.contract_id is not null as is_renewal
    from contracts
    inner join first_months
        on first_months.customer_key = contracts.customer_key
    left join successors
        on successors.successor_contract_id = contracts.contract_id
    where contracts.contract_kind <> 'trial'
),

with_first_contract as (
    select
        *,
        min(case when has_value = 1 and customer_key <> 'unknown' then month_date end)
            over (partition by customer_key) as first_contract_month_date
    from dated
),

unioned as (
    select
        customer_key,
        month_date,
        first_contract_month_date,
        1 as signed_contract_count,
        value_amount as signed_contract_value_amount,
        case when not is_renewal then value_amount end as new_contract_value_amount,
        case when is_renewal then 0 else has_value end as deal_count,
        case when not is_renewal then value_amount end as deal_value_amount
    from with_first_contract

    union all

    select
        customer_key,
        month_date,
        null as first_contract_month_date,
        0 as signed_contract_count,
        null as signed_contract_value_amount,
        null as new_contract_value_amount,
        purchase_count as deal_count,
        purchase_revenue_amount as deal_value_amount
    from transactions
),

-- What a contract bills is no sale, nor is a contract that only goes on: it was one when it began.
final as (
    select
        customer_key,
        month_date,
        max(first_contract_month_date) as first_contract_month_date,
        cast(sum(signed_contract_count) as bigint) as signed_contract_count,
        {{ money('coalesce(sum(signed_contract_value_amount), 0)') }}
            as signed_contract_value_amount,
        {{ money('coalesce(sum(new_contract_value_amount), 0)') }} as new_contract_value_amount,
        cast(sum(deal_count) as bigint) as deal_count,
        {{ money('coalesce(sum(deal_value_amount), 0)') }} as deal_value_amount
    from unioned
    group by customer_key, month_date
)

select * from final
