-- Grain: one row per ticket.
select
    row_number,
    id as ticket_id,
    requester_external_id as customer_id,
    requester_email as customer_email,
    requester_domain as customer_domain,
    created_at,
    updated_at,
    case lower(via)
        when 'mail' then 'email'
        when 'email' then 'email'
        when 'web form' then 'web'
        when 'web widget' then 'web'
        when 'phone call (inbound)' then 'phone'
        when 'phone call (outbound)' then 'phone'
        when 'voicemail' then 'phone'
        when 'chat' then 'chat'
        when 'messaging' then 'chat'
        when 'x corp post' then 'social'
        when 'x corp direct message' then 'social'
        when 'twitter' then 'social'
        when 'facebook post' then 'social'
        when 'facebook private message' then 'social'
        else replace(lower(via), ' ', '_')
    end as channel,
    lower(priority) as priority,
    case lower(status) when 'on-hold' then 'hold' else lower(status) end as status,
    lower(ticket_type) as ticket_type,
    subject,
    tags,
    product,
    lower(language) as language,
    group_name,
    assignee as assignee_id,
    solved_at,
    due_at,
    first_reply as first_reply_calendar_minutes,
    first_reply_business as first_reply_business_minutes,
    first_resolution as first_resolution_calendar_minutes,
    first_resolution_business as first_resolution_business_minutes,
    full_resolution as full_resolution_calendar_minutes,
    full_resolution_business as full_resolution_business_minutes,
    agent_wait as agent_wait_calendar_minutes,
    agent_wait_business as agent_wait_business_minutes,
    requester_wait as requester_wait_calendar_minutes,
    requester_wait_business as requester_wait_business_minutes,
    on_hold as on_hold_calendar_minutes,
    on_hold_business as on_hold_business_minutes,
    reopens as reopen_count,
    replies as public_reply_count,
    assignee_stations as assignee_station_count,
    group_stations as group_station_count
from tickets
