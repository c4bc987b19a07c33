-- Grain: one row per time a conversation was resolved or opened again.
select
    reporting_events.row_number,
    'event-' || reporting_events.id as event_id,
    conversations.display_id as ticket_id,
    reporting_events.ended_at as occurred_at,
    'status' as event_kind,
    case lower(reporting_events.name)
        when 'conversation_resolved' then 'solved'
        else 'open'
    end as value,
    case when reporting_events.user_id is null then 'system' else 'agent' end as actor_kind,
    reporting_events.user_id as actor_id
from reporting_events
left join conversations on reporting_events.conversation_id = conversations.id
