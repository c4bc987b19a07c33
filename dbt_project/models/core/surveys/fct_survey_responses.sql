-- Grain: one row per answer to a survey, review, interview or focus group
with

responses as (select * from {{ ref('int_survey_responses__scored') }}),

named as (select * from {{ ref('int_survey_responses__name_patterns') }}),

final as (
    select
        responses.response_id,
        responses.survey_id,
        responses.customer_key,
        responses.ticket_id,
        responses.invitation_id,
        responses.source_system,
        responses.answered_at,
        responses.business_date,
        cast(date_trunc('month', responses.business_date) as date) as month_date,
        responses.survey_kind,
        responses.survey_scope,
        responses.feedback_source,
        responses.channel,
        responses.touchpoint,
        responses.language,
        responses.scale_min,
        responses.scale_max,
        responses.is_higher_better,
        responses.score,
        responses.is_valid_score,
        responses.score_normalised,
        responses.nps_class,
        responses.is_csat_good,
        responses.is_low_effort,
        {{ scrubbed('responses.comment', 'named.name_pattern') }} as comment,
        length(trim(coalesce(responses.comment, ''))) > 0 as has_comment,
        responses.is_complete,
        responses.followed_up_at
    from responses
    left join named
        on named.response_id = responses.response_id
)

select * from final
