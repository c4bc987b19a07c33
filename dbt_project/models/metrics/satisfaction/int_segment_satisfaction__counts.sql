-- Grain: one row per segmentation, segment, period kind, period, survey kind and scope
{%- set parts = satisfaction_parts() %}
{%- set relations = {
    'answers': 'int_survey_responses__scored', 'sends': 'int_survey_invitations__funnel',
    'customers': 'int_satisfaction__latest_answers',
} %}
{%- set period_kinds = ['month', 'quarter'] %}
with

{% for part, relation in relations.items() %}
{{ part }} as (select * from {{ ref(relation) }}),

{% endfor %}
memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

-- Counted per customer first, so that the many segments multiply few rows.
counted as (
    {% for part in relations %}
    {% for period_kind in (['any'] if part == 'customers' else period_kinds) %}
    select
        customer_key,
        {% if part == 'customers' %}
        period_kind,
        period_date,
        {% else %}
        '{{ period_kind }}' as period_kind,
        cast(date_trunc('{{ period_kind }}', business_date) as date) as period_date,
        {% endif %}
        survey_kind,
        coalesce(survey_scope, 'unknown') as survey_scope,
        {% for other in relations %}
        {% set last_part = loop.last %}
        {% for name, condition in parts[other].items() %}
        {{ 'count(*) filter (where ' ~ condition ~ ')' if other == part else '0' }} as {{ name }}
        {{- ',' if not (last_part and loop.last) }}
        {% endfor %}
        {% endfor %}
    from {{ part }}
    group by 1, 2, 3, 4, 5
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        memberships.segmentation,
        memberships.segment,
        counted.period_kind,
        counted.period_date,
        counted.survey_kind,
        counted.survey_scope
        {%- for part in relations %}
        {%- for name in parts[part] %},
        cast(sum(counted.{{ name }}) as bigint) as {{ name }}
        {%- endfor %}
        {%- endfor %}
    from counted
    inner join memberships
        on memberships.customer_key = counted.customer_key
        and memberships.valid_from_date <= counted.period_date
        and memberships.valid_to_date > counted.period_date
    group by 1, 2, 3, 4, 5, 6
)

select * from final
