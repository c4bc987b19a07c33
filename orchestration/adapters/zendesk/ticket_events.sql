-- Grain: one row per change or comment.
select
    row_number,
    event_id,
    ticket_id,
    created_at as occurred_at,
    type as event_kind,
    value,
    is_public,
    case lower(author_role)
        when 'end-user' then 'customer'
        when 'admin' then 'agent'
        else author_role
    end as actor_kind,
    author_id as actor_id,
    body as comment_text,
    time_spent_seconds as handle_seconds
from ticket_events
