-- Grain: one row per enrolment of a customer in a programme, its latest version
with

programme_enrolments as (select * from {{ source('lake', 'programme_enrolments') }}),

latest as (
    {{ latest_version('programme_enrolments', ['enrolment_id'], 'updated_at') }}
),

final as (
    select
        enrolment_id,
        programme_id,
        customer_id,
        customer_email,
        customer_domain,
        arm,
        enrolled_at,
        left_at,
        assigned_by,
        updated_at,
        source_system,
        extract_date
    from latest
)

select * from final
