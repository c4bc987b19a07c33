-- Grain: one row per segmentation, segment, period kind and closed period with a valid answer
{{ config(materialized='view') }}
with

responses as (select * from {{ ref('fct_survey_responses') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

-- Counted per customer first, so that the many segments multiply few rows.
counted as (
    {% for period_kind in ['month', 'quarter'] %}
    select
        customer_key,
        '{{ period_kind }}' as period_kind,
        cast(date_trunc('{{ period_kind }}', month_date) as date) as period_date,
        count(*) filter (where nps_class is not null and survey_scope = 'relationship')
            as nps_answer_count,
        count(*) filter (where nps_class = 'promoter' and survey_scope = 'relationship')
            as promoter_count,
        count(*) filter (where nps_class = 'detractor' and survey_scope = 'relationship')
            as detractor_count,
        count(*) filter (where is_csat_good is not null and survey_scope = 'transactional')
            as csat_answer_count,
        count(*) filter (where is_csat_good and survey_scope = 'transactional')
            as csat_good_count,
        count(*) filter (where is_low_effort is not null and survey_scope = 'transactional')
            as ces_answer_count,
        count(*) filter (where is_low_effort and survey_scope = 'transactional')
            as ces_low_effort_count
    from responses
    where is_valid_score
    group by 1, 2, 3
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        memberships.segmentation,
        memberships.segment,
        counted.period_kind,
        counted.period_date,
        {%- for answers in [
            'nps_answer', 'promoter', 'detractor', 'csat_answer', 'csat_good', 'ces_answer',
            'ces_low_effort',
        ] %}
        cast(sum(counted.{{ answers }}_count) as bigint) as {{ answers }}_count
        {{- ',' if not loop.last }}
        {%- endfor %}
    from counted
    inner join memberships
        on memberships.customer_key = counted.customer_key
        and memberships.valid_from_date <= counted.period_date
        and memberships.valid_to_date > counted.period_date
    group by 1, 2, 3, 4
)

select * from final
