-- Grain: one row per answer to a survey, with what its score means on the survey's own scale
with

survey_responses as (select * from {{ ref('stg_survey__survey_responses') }}),

surveys as (select * from {{ ref('stg_survey__surveys') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Count points from the worst score, so that the direction of a scale no longer matters.
joined as (
    select
        survey_responses.*,
        coalesce(customers.customer_key, 'unknown') as customer_key,
        cast({{ to_local('survey_responses.answered_at', 'run_parameters.time_zone') }} as date)
            as business_date,
        coalesce(surveys.survey_kind, 'unknown') as survey_kind,
        surveys.survey_scope,
        surveys.scale_min,
        surveys.scale_max,
        surveys.is_higher_better,
        coalesce(
            survey_responses.score between surveys.scale_min and surveys.scale_max, false
        ) as is_valid_score,
        case
            when surveys.is_higher_better then survey_responses.score - surveys.scale_min
            else surveys.scale_max - survey_responses.score
        end as points,
        surveys.scale_max - surveys.scale_min as scale_width
    from survey_responses
    left join surveys
        on surveys.survey_id = survey_responses.survey_id
    left join customers
        on customers.reference_key = {{ reference_key('survey_responses') }}
    cross join run_parameters
),

final as (
    select
        response_id,
        survey_id,
        customer_key,
        ticket_id,
        invitation_id,
        source_system,
        answered_at,
        business_date,
        survey_kind,
        survey_scope,
        coalesce(feedback_source, 'survey') as feedback_source,
        channel,
        coalesce(touchpoint, case when ticket_id is not null then 'support_ticket' end)
            as touchpoint,
        language,
        scale_min,
        scale_max,
        is_higher_better,
        score,
        is_valid_score,
        case when is_valid_score
            then cast({{ ratio('100 * points', 'scale_width') }} as decimal(7, 4))
        end as score_normalised,
        case
            when not is_valid_score or survey_kind <> 'nps' then null
            when not is_higher_better or scale_min <> 0 or scale_max <> 10 then null
            when score >= 9 then 'promoter'
            when score >= 7 then 'passive'
            else 'detractor'
        end as nps_class,
        -- 4–5 of 1–5, and good of bad/good: the upper quarter of the scale
        case when is_valid_score and survey_kind = 'csat'
            then 4 * points >= 3 * scale_width
        end as is_csat_good,
        -- 5–7 of 1–7 (easy), and 1–2 of 1–5 (effort): the better third of the scale
        case when is_valid_score and survey_kind = 'ces'
            then 3 * points >= 2 * scale_width
        end as is_low_effort,
        comment,
        is_complete,
        followed_up_at
    from joined
)

select * from final
