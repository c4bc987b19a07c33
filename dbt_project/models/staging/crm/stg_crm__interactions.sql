-- Grain: one row per touch outside tickets, surveys and purchases, its latest version
with

interactions as (select * from {{ source('lake', 'interactions') }}),

latest as (
    {{ latest_version('interactions', ['interaction_id']) }}
),

final as (
    select
        interaction_id,
        customer_id,
        customer_email,
        customer_domain,
        occurred_at,
        channel,
        interaction_kind,
        touchpoint,
        journey_stage,
        object,
        object_category,
        direction,
        duration_seconds,
        quantity,
        source_system,
        extract_date
    from latest
)

select * from final
