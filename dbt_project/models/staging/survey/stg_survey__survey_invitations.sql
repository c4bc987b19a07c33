-- Grain: one row per survey sent to a customer, its latest version
with

survey_invitations as (select * from {{ source('lake', 'survey_invitations') }}),

latest as (
    {{ latest_version('survey_invitations', ['invitation_id']) }}
),

final as (
    select
        invitation_id,
        survey_id,
        customer_id,
        customer_email,
        customer_domain,
        channel,
        sent_at,
        opened_at,
        started_at,
        completed_at,
        is_bounced,
        ticket_id,
        source_system,
        extract_date
    from latest
)

select * from final
