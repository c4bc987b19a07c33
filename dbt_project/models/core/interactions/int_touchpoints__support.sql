-- Grain: one row per ticket opened and per public message on one
{{ config(materialized='view') }}
with

tickets as (select * from {{ ref('fct_tickets') }}),

messages as (select * from {{ ref('int_ticket_messages__public') }}),

touches as (
    select
        'tickets' as source_entity,
        tickets.ticket_id as source_id,
        tickets.ticket_id,
        tickets.created_at as occurred_at,
        'ticket_opened' as interaction_kind,
        'inbound' as direction,
        cast(null as decimal(18, 4)) as duration_seconds
    from tickets

    union all

    select
        'ticket_events' as source_entity,
        messages.event_id as source_id,
        messages.ticket_id,
        messages.occurred_at,
        case when messages.actor_kind = 'agent' then 'ticket_reply' else 'ticket_message' end
            as interaction_kind,
        case when messages.actor_kind = 'agent' then 'outbound' else 'inbound' end as direction,
        messages.handle_seconds as duration_seconds
    from messages
),

final as (
    select
        touches.source_entity,
        touches.source_id,
        tickets.customer_key,
        touches.occurred_at,
        tickets.channel,
        touches.interaction_kind,
        touches.direction,
        tickets.product as object,
        touches.ticket_id,
        touches.duration_seconds
    from touches
    inner join tickets
        on tickets.ticket_id = touches.ticket_id
)

select * from final
