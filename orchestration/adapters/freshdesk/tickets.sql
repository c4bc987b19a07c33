-- Grain: one row per ticket.
select
    row_number,
    id as ticket_id,
    external_id as customer_id,
    coalesce(email, case when contains(contact_id, '@') then contact_id end) as customer_email,
    created_at,
    updated_at,
    case lower(source)
        when 'outbound email' then 'email'
        when 'portal' then 'web'
        when 'feedback widget' then 'web'
        when 'twitter' then 'social'
        when 'facebook' then 'social'
        else replace(lower(source), ' ', '_')
    end as channel,
    case lower(priority) when 'medium' then 'normal' else priority end as priority,
    case lower(status)
        when 'resolved' then 'solved'
        when 'waiting on customer' then 'pending'
        when 'waiting on third party' then 'hold'
        else status
    end as status,
    lower(ticket_type) as ticket_type,
    subject,
    -- The tool puts commas between tags.
    array_to_string(
        list_transform(string_split(tags, ','), tag -> replace(trim(tag), ' ', '_')), ' '
    ) as tags,
    product,
    group_name,
    agent as assignee_id,
    solved_at,
    closed_at,
    due_at,
    cast(date_diff('second', created_at, replied_at) / 60 as decimal(18, 4))
        as first_reply_calendar_minutes,
    time_tracked as handle_minutes
from tickets
