-- Grain: one row per invitation that was sent; reminders, thanks and tests are none.
select
    invitations.row_number,
    invitations.distribution_id || '-' || invitations.contact_id as invitation_id,
    distributions.survey_id,
    contacts.external_reference as customer_id,
    contacts.email as customer_email,
    invitations.sent_at,
    invitations.opened_at,
    invitations.started_at,
    invitations.completed_at,
    case
        when lower(invitations.status) in ('hardbounce', 'softbounce') then true
        when lower(invitations.status) in ('success', 'opened', 'started', 'finished') then false
    end as is_bounced
from invitations
inner join distributions on invitations.distribution_id = distributions.id
left join contacts on invitations.contact_id = contacts.id
where lower(distributions.request_type) in ('invite', 'generatedinvite')
    and invitations.sent_at is not null
