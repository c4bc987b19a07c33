-- Grain: one row per period, kind, scope and survey (`all` = every survey of that kind and scope)
{%- set funnel = {
    'delivered': 'sent', 'opened': 'delivered', 'started': 'opened', 'completed': 'started',
} %}
{%- set key = ['period_kind', 'period_date', 'survey_kind', 'survey_scope', 'survey_id'] %}
with

answers as (select * from {{ ref('int_satisfaction__answer_counts') }}),

sends as (select * from {{ ref('int_satisfaction__send_counts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

keys as (
    select {{ key | join(', ') }} from answers
    union
    select {{ key | join(', ') }} from sends
),

final as (
    select
        keys.period_kind,
        keys.period_date,
        keys.survey_kind,
        keys.survey_scope,
        keys.survey_id,
        case
            when keys.period_kind = 'month' then last_day(keys.period_date)
            else last_day(cast(keys.period_date + interval 2 month as date))
        end <= run_parameters.as_of_date as is_closed_period,
        coalesce(answers.answer_count, 0) as answer_count,
        coalesce(answers.unanswered_count, 0) as unanswered_count,
        coalesce(answers.out_of_scale_count, 0) as out_of_scale_count,
        coalesce(answers.comment_count, 0) as comment_count,
        coalesce(answers.nps_answer_count, 0) as nps_answer_count,
        coalesce(answers.promoter_count, 0) as promoter_count,
        coalesce(answers.passive_count, 0) as passive_count,
        coalesce(answers.detractor_count, 0) as detractor_count,
        {{ nps(
            'answers.promoter_count', 'answers.detractor_count', 'answers.nps_answer_count'
        ) }} as nps,
        {{ nps_standard_error(
            'answers.promoter_count', 'answers.detractor_count', 'answers.nps_answer_count'
        ) }} as nps_standard_error,
        {%- for name, side in {'low': -1, 'high': 1}.items() %}
        {{ nps_bound(
            'answers.promoter_count', 'answers.detractor_count', 'answers.nps_answer_count', side
        ) }} as nps_{{ name }},
        {%- endfor %}
        coalesce(answers.csat_answer_count, 0) as csat_answer_count,
        coalesce(answers.csat_good_count, 0) as csat_good_count,
        {{ ratio('answers.csat_good_count', 'answers.csat_answer_count') }} as csat_rate,
        {{ share_standard_error('answers.csat_good_count', 'answers.csat_answer_count') }}
            as csat_standard_error,
        {%- for name, side in {'low': -1, 'high': 1}.items() %}
        {{ wilson_bound('answers.csat_good_count', 'answers.csat_answer_count', side) }}
            as csat_rate_{{ name }},
        {%- endfor %}
        coalesce(answers.ces_answer_count, 0) as ces_answer_count,
        coalesce(answers.ces_low_effort_count, 0) as ces_low_effort_count,
        {{ ratio('answers.ces_low_effort_count', 'answers.ces_answer_count') }}
            as ces_low_effort_rate,
        {{ share_standard_error('answers.ces_low_effort_count', 'answers.ces_answer_count') }}
            as ces_low_effort_standard_error,
        {%- for name, side in {'low': -1, 'high': 1}.items() %}
        {{ wilson_bound('answers.ces_low_effort_count', 'answers.ces_answer_count', side) }}
            as ces_low_effort_rate_{{ name }},
        {%- endfor %}
        answers.mean_score,
        answers.score_deviation / sqrt(nullif(answers.answer_count, 0))
            as mean_score_standard_error,
        {%- for name, sign in {'low': '-', 'high': '+'}.items() %}
        answers.mean_score {{ sign }} {{ interval_reach() }} * answers.score_deviation
            / sqrt(nullif(answers.answer_count, 0)) as mean_score_{{ name }},
        {%- endfor %}
        answers.mean_score_normalised,
        sends.sent_count,
        {%- for step, before in funnel.items() %}
        sends.{{ step }}_count,
        {{ ratio('sends.' ~ step ~ '_count', 'sends.' ~ before ~ '_count') }} as {{ step }}_rate,
        {%- endfor %}
        sends.sent_count - sends.completed_count as not_completed_count,
        {{ ratio('sends.completed_count', 'sends.sent_count') }} as response_rate
    from keys
    left join answers
        on {{ same('answers', 'keys', key) }}
    left join sends
        on {{ same('sends', 'keys', key) }}
    cross join run_parameters
)

select * from final
