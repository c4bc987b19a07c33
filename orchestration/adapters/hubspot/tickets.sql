-- Grain: one row per ticket. Stages of the default pipeline alone have a meaning known here; the
-- name of the pipeline may stand behind that of the stage.
select
    row_number,
    ticket_id,
    coalesce(
        'contact-' || nullif(trim(string_split(contact_ids, ';')[1]), ''),
        'company-' || nullif(trim(primary_company_id), ''),
        'company-' || nullif(trim(string_split(company_ids, ';')[1]), '')
    ) as customer_id,
    created_at,
    updated_at,
    case lower(source)
        when 'form' then 'web'
        else replace(lower(source), ' ', '_')
    end as channel,
    case lower(priority) when 'medium' then 'normal' else priority end as priority,
    case lower(regexp_replace(status, '\s*\([^()]*\)\s*$', ''))
        when 'new' then 'new'
        when 'waiting on contact' then 'pending'
        when 'waiting on us' then 'open'
        when 'closed' then 'closed'
        else status
    end as status,
    lower(category) as ticket_type,
    name as subject,
    lower(string_split(language, '-')[1]) as language,
    owner as assignee_id,
    closed_at as solved_at,
    closed_at,
    cast(date_diff('second', created_at, replied_at) / 60 as decimal(18, 4))
        as first_reply_calendar_minutes
from tickets
