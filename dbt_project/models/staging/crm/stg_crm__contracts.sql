-- Grain: one row per contract or subscription, its latest version
with

contracts as (select * from {{ source('lake', 'contracts') }}),

latest as (
    {{ latest_version('contracts', ['contract_id'], 'updated_at', with_gone=true) }}
),

final as (
    select
        contract_id,
        customer_id,
        customer_email,
        customer_domain,
        product,
        product_category,
        contract_kind,
        signed_date,
        start_date,
        end_date,
        cancelled_at,
        cancel_reason,
        is_voluntary,
        billing_period,
        billing_period_count,
        recurring_amount,
        one_off_amount,
        currency,
        updated_at,
        source_system,
        extract_date,
        gone_date
    from latest
)

select * from final
