-- Grain: one row per answer to a survey question, review or interview, its latest version
with

survey_responses as (select * from {{ source('lake', 'survey_responses') }}),

latest as (
    {{ latest_version('survey_responses', ['response_id']) }}
),

final as (
    select
        response_id,
        survey_id,
        customer_id,
        customer_email,
        customer_domain,
        invitation_id,
        answered_at,
        score,
        comment,
        language,
        ticket_id,
        touchpoint,
        channel,
        feedback_source,
        is_complete,
        followed_up_at,
        source_system,
        extract_date
    from latest
)

select * from final
