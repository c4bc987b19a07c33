-- Grain: one row per period, kind, scope and survey (`all` = every survey of the kind), by answers
with

responses as (select * from {{ ref('fct_survey_responses') }}),

{{ by_period_and_survey('responses') }}

final as (
    select
        period_kind,
        period_date,
        survey_kind,
        coalesce(survey_scope, 'unknown') as survey_scope,
        counted_survey_id as survey_id,
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
                then {{ settled('sqrt('
                    ~ exact_variance('cast(score as double)', 'is_valid_score') ~ ')') }}
        end as score_deviation,
        {{ settled('avg(score_normalised)') }} as mean_score_normalised
    from counted
    group by 1, 2, 3, 4, 5
)

select * from final
