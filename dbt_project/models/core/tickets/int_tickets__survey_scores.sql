-- Grain: one row per ticket with a valid answer about it: the latest of each kind
{{ config(materialized='view') }}
with

responses as (select * from {{ ref('int_survey_responses__scored') }}),

latest_answers as (
    select
        *,
        row_number() over (
            partition by ticket_id, survey_kind
            order by answered_at desc, response_id desc
        ) as answer_rank
    from responses
    where ticket_id is not null
        and is_valid_score
        and survey_kind in ('csat', 'ces')
),

final as (
    select
        ticket_id,
        max(score_normalised) filter (where survey_kind = 'csat') as csat_score_normalised,
        max(case when is_csat_good then 1 else 0 end) filter (where survey_kind = 'csat') = 1
            as is_csat_good,
        max(score_normalised) filter (where survey_kind = 'ces') as ces_score_normalised,
        max(case when is_low_effort then 1 else 0 end) filter (where survey_kind = 'ces') = 1
            as is_low_effort
    from latest_answers
    where answer_rank = 1
    group by 1
)

select * from final
