-- Grain: one row per public comment of a person on a ticket, after the one that opened it
with

events as (select * from {{ ref('int_ticket_events__enriched') }}),

final as (
    select
        event_id,
        ticket_id,
        occurred_at,
        actor_kind,
        handle_seconds
    from events
    where event_kind = 'comment'
        and is_public
        and actor_kind in ('agent', 'customer')
        and occurred_at > ticket_created_at
)

select * from final
