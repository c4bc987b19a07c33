-- Grain: one row per customer_id and extract day, the last version of that day
with

customers as (select * from {{ source('lake', 'customers') }}),

latest_of_day as (
    {{ latest_version('customers', ['customer_id', 'extract_date'], 'updated_at', with_gone=true) }}
),

final as (
    select
        customer_id,
        customer_kind,
        industry,
        employee_count,
        country,
        region,
        persona,
        acquisition_channel,
        source_system,
        extract_date
    from latest_of_day
)

select * from final
