-- Grain: one row per case of a report.
select
    row_number,
    left(id, 15) as ticket_id,
    coalesce('contact-' || left(contact_id, 15), 'account-' || left(account_id, 15)) as customer_id,
    created_at,
    lower(origin) as channel,
    case lower(priority) when 'medium' then 'normal' else priority end as priority,
    case
        when is_closed then 'closed'
        when lower(status) in ('working', 'escalated', 'in progress', 'reopened') then 'open'
        when lower(status) = 'on hold' then 'hold'
        when lower(status) in ('waiting on customer', 'waiting for customer') then 'pending'
        else status
    end as status,
    lower(case_type) as ticket_type,
    subject,
    owner as assignee_id,
    is_escalated,
    closed_at as solved_at,
    closed_at
from case_report
