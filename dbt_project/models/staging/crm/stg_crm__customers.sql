-- Grain: one row per account or person known to the customer system, its latest version
with

customers as (select * from {{ source('lake', 'customers') }}),

latest as (
    {{ latest_version('customers', ['customer_id'], 'updated_at', with_gone=true) }}
),

known as (
    select
        latest.* exclude (is_deleted),
        case when gone_date is not null then true else is_deleted end as is_deleted
    from latest
),

final as (
    select
        customer_id,
        customer_kind,
        parent_customer_id,
        merged_customer_ids,
        merged_into_customer_id,
        name,
        email,
        phone,
        domain,
        industry,
        employee_count,
        country,
        region,
        city,
        birth_year,
        language,
        persona,
        acquisition_channel,
        acquisition_cost_amount,
        currency,
        referred_by_customer_id,
        preferred_channel,
        lifecycle_stage,
        signup_at,
        is_deleted,
        updated_at,
        source_system,
        extract_date
    from known
)

select * from final
