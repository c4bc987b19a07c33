-- Grain: one row per case.
select
    row_number,
    id as ticket_id,
    'account-' || account_id as customer_id,
    created_at,
    updated_at,
    lower(source) as channel,
    case lower(priority)
        when 'p1' then 'high'
        when 'p2' then 'normal'
        when 'p3' then 'low'
        when 'medium' then 'normal'
        else priority
    end as priority,
    case
        when is_deleted then 'deleted'
        when lower(status) = 'assigned' then 'open'
        when lower(status) = 'pending input' then 'pending'
        when lower(status) in ('rejected', 'duplicate') then 'closed'
        else status
    end as status,
    lower(case_type) as ticket_type,
    subject,
    owner as assignee_id
from cases
