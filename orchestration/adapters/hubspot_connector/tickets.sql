-- Grain: one row per ticket. A stage that is not in the table of stages has no known meaning: its
-- ticket is refused.
with

first_contacts as (
    select ticket_id, arg_min(contact_id, (length(contact_id), contact_id)) as contact_id
    from ticket_contacts
    group by ticket_id
),

first_companies as (
    select ticket_id, arg_min(company_id, (length(company_id), company_id)) as company_id
    from ticket_companies
    group by ticket_id
)

select
    tickets.row_number,
    tickets.id as ticket_id,
    coalesce(
        'contact-' || first_contacts.contact_id, 'company-' || first_companies.company_id
    ) as customer_id,
    tickets.created_at,
    tickets.updated_at,
    case lower(tickets.source)
        when 'form' then 'web'
        else lower(tickets.source)
    end as channel,
    case lower(tickets.priority) when 'medium' then 'normal' else tickets.priority end as priority,
    case
        when tickets.is_deleted then 'deleted'
        when stages.is_closed then 'closed'
        when lower(stages.label) = 'new' then 'new'
        when lower(stages.label) = 'waiting on contact' then 'pending'
        when stages.is_closed = false then 'open'
        else tickets.stage_id
    end as status,
    lower(tickets.category) as ticket_type,
    tickets.subject,
    tickets.owner_id as assignee_id,
    tickets.closed_at as solved_at,
    tickets.closed_at,
    cast(date_diff('second', tickets.created_at, tickets.replied_at) / 60 as decimal(18, 4))
        as first_reply_calendar_minutes
from tickets
left join stages
    on tickets.stage_id = stages.stage_id
    and tickets.pipeline_id = stages.pipeline_id
left join first_contacts on tickets.id = first_contacts.ticket_id
left join first_companies on tickets.id = first_companies.ticket_id
