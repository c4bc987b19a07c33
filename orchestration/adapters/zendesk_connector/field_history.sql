-- Grain: one row per change of a field. A change has no id: ticket, field and moment name it.
select
    field_history.row_number,
    concat_ws(
        '-', 'change', field_history.ticket_id, lower(field_history.field_name),
        epoch_ms(field_history.updated)
    ) as event_id,
    field_history.ticket_id,
    field_history.updated as occurred_at,
    case lower(field_history.field_name)
        when 'assignee_id' then 'assignee'
        when 'group_id' then 'group'
        when 'status' then 'status'
        when 'priority' then 'priority'
    end as event_kind,
    field_history.value,
    case
        -- -1 is the tool itself: triggers and automations.
        when coalesce(field_history.user_id, '-1') = '-1' then 'system'
        when lower(users.role) = 'end-user' then 'customer'
        when lower(users.role) = 'admin' then 'agent'
        else users.role
    end as actor_kind,
    field_history.user_id as actor_id
from field_history
left join users on field_history.user_id = users.id
