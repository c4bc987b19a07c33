-- Grain: one row per contract_id and extract day, the last version of that day
with

contracts as (select * from {{ source('lake', 'contracts') }}),

latest_of_day as (
    {{ latest_version('contracts', ['contract_id', 'extract_date'], 'updated_at', with_gone=true) }}
),

final as (
    select
        contract_id,
        product,
        product_category,
        contract_kind,
        start_date,
        end_date,
        cancelled_at,
        cancel_reason,
        is_voluntary,
        billing_period,
        billing_period_count,
        recurring_amount,
        currency,
        updated_at,
        source_system,
        extract_date
    from latest_of_day
)

select * from final
