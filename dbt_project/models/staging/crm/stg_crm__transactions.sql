-- Grain: one row per money movement with a customer, its latest version
with

transactions as (select * from {{ source('lake', 'transactions') }}),

latest as (
    {{ latest_version('transactions', ['transaction_id'], 'updated_at') }}
),

final as (
    select
        transaction_id,
        customer_id,
        customer_email,
        customer_domain,
        occurred_at,
        transaction_kind,
        amount,
        currency,
        cost_amount,
        product,
        product_category,
        quantity,
        channel,
        contract_id,
        order_id,
        updated_at,
        source_system,
        extract_date
    from latest
)

select * from final
