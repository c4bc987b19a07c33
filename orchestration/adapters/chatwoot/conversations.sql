-- Grain: one row per conversation. Enumerations are numbers in the database, words elsewhere.
select
    conversations.row_number,
    conversations.display_id as ticket_id,
    contacts.identifier as customer_id,
    contacts.email as customer_email,
    conversations.created_at,
    conversations.updated_at,
    case lower(conversations.priority)
        when '0' then 'low'
        when '1' then 'normal'
        when 'medium' then 'normal'
        when '2' then 'high'
        when '3' then 'urgent'
        else conversations.priority
    end as priority,
    case lower(conversations.status)
        when '0' then 'open'
        when '1' then 'solved'
        when 'resolved' then 'solved'
        when '2' then 'pending'
        when '3' then 'hold'
        when 'snoozed' then 'hold'
        else conversations.status
    end as status,
    array_to_string(
        list_transform(
            string_split(conversations.labels, ','), label -> replace(trim(label), ' ', '_')
        ), ' '
    ) as tags,
    conversations.team_id as group_name,
    conversations.assignee_id,
    cast(
        date_diff('second', conversations.created_at, conversations.replied_at) / 60
        as decimal(18, 4)
    ) as first_reply_calendar_minutes
from conversations
left join contacts on conversations.contact_id = contacts.id
