-- Grain: one row per period, kind, scope and survey (`all` = every survey of that kind and scope)
with

responses as (select * from {{ ref('fct_survey_responses') }}),

invitations as (select * from {{ ref('int_survey_invitations__funnel') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

period_kinds as (
    select 'month' as period_kind
    union all
    select 'quarter' as period_kind
),

-- Everything counts under its own survey and under 'all'.
survey_levels as (
    select true as is_single_survey
    union all
    select false as is_single_survey
),

answers as (
    select
        period_kinds.period_kind,
        cast(date_trunc(period_kinds.period_kind, business_date) as date) as period_date,
        survey_kind,
        coalesce(survey_scope, 'unknown') as survey_scope,
        case when survey_levels.is_single_survey then responses.survey_id else 'all' end
            as survey_id,
        count(*) filter (where is_valid_score) as answer_count,
        count(*) filter (where score is null) as unanswered_count,
        count(*) filter (where score is not null and not is_valid_score) as out_of_scale_count,
        count(*) filter (where has_comment) as comment_count,
        count(*) filter (where nps_class is not null) as nps_answer_count,
        count(*) filter (where nps_class = 'promoter') as promoter_count,
        count(*) filter (where nps_class = 'passive') as passive_count,
        count(*) filter (where nps_class = 'detractor') as detractor_count,
        count(*) filter (where is_csat_good is not null) as csat_answer_count,
        count(*) filter (where is_csat_good) as csat_good_count,
        count(*) filter (where is_low_effort is not null) as ces_answer_count,
        count(*) filter (where is_low_effort) as ces_low_effort_count,
        -- A mean over two scales would mean nothing.
        case
            when min(scale_min) = max(scale_min)
                and min(scale_max) = max(scale_max)
                and count(distinct is_higher_better) = 1
                then {{ exact_mean('score', 'is_valid_score') }}
        end as mean_score,
        case
            when min(scale_min) = max(scale_min)
                and min(scale_max) = max(scale_max)
                and count(distinct is_higher_better) = 1
                then round(
                    sqrt({{ exact_variance('cast(score as double)', 'is_valid_score') }}), 9
                )
        end as score_deviation,
        {{ settled('avg(score_normalised)') }} as mean_score_normalised
    from responses
    cross join period_kinds
    cross join survey_levels
    group by 1, 2, 3, 4, 5
),

sends as (
    select
        period_kinds.period_kind,
        cast(date_trunc(period_kinds.period_kind, business_date) as date) as period_date,
        survey_kind,
        survey_scope,
        case when survey_levels.is_single_survey then invitations.survey_id else 'all' end
            as survey_id,
        count(*) as sent_count,
        count(*) filter (where is_delivered) as delivered_count,
        count(*) filter (where is_opened) as opened_count,
        count(*) filter (where is_started) as started_count,
        count(*) filter (where is_completed) as completed_count
    from invitations
    cross join period_kinds
    cross join survey_levels
    group by 1, 2, 3, 4, 5
),

keys as (
    select period_kind, period_date, survey_kind, survey_scope, survey_id from answers
    union
    select period_kind, period_date, survey_kind, survey_scope, survey_id from sends
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
        sends.delivered_count,
        {{ ratio('sends.delivered_count', 'sends.sent_count') }} as delivered_rate,
        sends.opened_count,
        {{ ratio('sends.opened_count', 'sends.delivered_count') }} as opened_rate,
        sends.started_count,
        {{ ratio('sends.started_count', 'sends.opened_count') }} as started_rate,
        sends.completed_count,
        {{ ratio('sends.completed_count', 'sends.started_count') }} as completed_rate,
        sends.sent_count - sends.completed_count as not_completed_count,
        {{ ratio('sends.completed_count', 'sends.sent_count') }} as response_rate
    from keys
    left join answers
        on answers.period_kind = keys.period_kind
        and answers.period_date = keys.period_date
        and answers.survey_kind = keys.survey_kind
        and answers.survey_scope = keys.survey_scope
        and answers.survey_id = keys.survey_id
    left join sends
        on sends.period_kind = keys.period_kind
        and sends.period_date = keys.period_date
        and sends.survey_kind = keys.survey_kind
        and sends.survey_scope = keys.survey_scope
        and sends.survey_id = keys.survey_id
    cross join run_parameters
)

select * from final
