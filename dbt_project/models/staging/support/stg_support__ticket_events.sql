-- Grain: one row per change or comment on a ticket, its latest version
with

ticket_events as (select * from {{ source('lake', 'ticket_events') }}),

latest as (
    {{ latest_version('ticket_events', ['event_id']) }}
),

final as (
    select
        event_id,
        ticket_id,
        occurred_at,
        event_kind,
        value,
        is_public,
        actor_kind,
        actor_id,
        comment_text,
        handle_seconds,
        source_system,
        extract_date
    from latest
)

select * from final
