-- Grain: one row per ticket whose opener is known: by an agent means that the desk wrote first.
select
    tickets.row_number,
    'created-' || tickets.id as event_id,
    tickets.id as ticket_id,
    tickets.created_at as occurred_at,
    'created' as event_kind,
    case lower(users.role)
        when 'end-user' then 'customer'
        when 'admin' then 'agent'
        else users.role
    end as actor_kind,
    tickets.submitter_id as actor_id
from tickets
inner join users on tickets.submitter_id = users.id
