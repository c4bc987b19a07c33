-- Grain: one row per customer and score date, what the churn-risk model looks at
{{ config(materialized='view') }}
{%- set components = ['usage', 'feedback', 'support', 'commercial', 'relationship'] %}
with

subjects as (select * from {{ ref('int_health__scored_customers') }}),

{% for component in components %}
{{ component }} as (select * from {{ ref('int_health__' ~ component) }}),

{% endfor %}
final as (
    select
        subjects.customer_key,
        subjects.score_date,
        subjects.customer_kind,
        subjects.is_active,
        {% for component in components %}
        cast({{ component }}.score as double) as {{ component }},
        case when {{ component }}.score is null then 1.0 else 0.0 end
            as {{ component }}_missing,
        {% endfor %}
        -- Notice on everything brings the commercial score to 0, as never having paid much does.
        coalesce({{ ratio('commercial.noticed_mrr_amount', 'subjects.mrr_amount') }}, 0) as notice,
        case when subjects.activity_rule = 'contract' then 1.0 else 0.0 end as contract
    from subjects
    {% for component in components %}
    left join {{ component }}
        on {{ component }}.customer_key = subjects.customer_key
        and {{ component }}.score_date = subjects.score_date
    {% endfor %}
)

select * from final
