-- Grain: one row per message or change.
select
    row_number,
    message_id as event_id,
    conversation_id as ticket_id,
    occurred_at,
    case lower(message_type)
        when 'conversation_message' then 'comment'
        when 'comment' then 'comment'
        when 'note' then 'comment'
        when 'open' then 'status'
        when 'close' then 'status'
        when 'snoozed' then 'status'
        when 'unsnoozed' then 'status'
        when 'timer_unsnooze' then 'status'
        when 'assign_and_reopen' then 'status'
        else message_type
    end as event_kind,
    case lower(message_type)
        when 'open' then 'open'
        when 'unsnoozed' then 'open'
        when 'timer_unsnooze' then 'open'
        when 'assign_and_reopen' then 'open'
        when 'close' then 'solved'
        when 'snoozed' then 'hold'
    end as value,
    case lower(message_type)
        when 'conversation_message' then true
        when 'comment' then true
        when 'note' then false
    end as is_public,
    case lower(author_type)
        when 'admin' then 'agent'
        when 'user' then 'customer'
        when 'lead' then 'customer'
        when 'contact' then 'customer'
        when 'team' then 'system'
        else author_type
    end as actor_kind,
    author_id as actor_id,
    body as comment_text
from messages
