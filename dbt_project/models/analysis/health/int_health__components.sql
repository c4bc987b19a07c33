-- Grain: one row per customer, score date and component of the health score
{{ config(materialized='view') }}
{%- set components = ['usage', 'feedback', 'support', 'commercial', 'relationship'] %}
with

subjects as (select * from {{ ref('int_health__scored_customers') }}),

health_weights as (select * from {{ ref('health_weights') }}),

{% for component in components %}
{{ component }} as (select * from {{ ref('int_health__' ~ component) }}),

{% endfor %}
scores as (
    {% for component in components %}
    select customer_key, score_date, '{{ component }}' as component, score, reason
    from {{ component }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

expected as (
    select
        subjects.customer_key,
        subjects.score_date,
        defaults.component,
        coalesce(of_kind.weight, defaults.weight) as weight
    from subjects
    inner join health_weights as defaults
        on defaults.customer_kind = '*'
    left join health_weights as of_kind
        on of_kind.customer_kind = subjects.customer_kind
        and of_kind.component = defaults.component
),

final as (
    select
        expected.customer_key,
        expected.score_date,
        expected.component,
        expected.weight,
        scores.score,
        scores.reason
    from expected
    left join scores
        on scores.customer_key = expected.customer_key
        and scores.score_date = expected.score_date
        and scores.component = expected.component
)

select * from final
