-- Grain: one row per score, customer, score date whose horizon is over, and scope it is judged in
{{ config(materialized='view') }}
with

outcomes as (select * from {{ ref('int_risk__outcomes') }} where is_active),

health as (select * from {{ ref('fct_customer_health') }}),

predictions as (select * from {{ ref('int_churn_model__scores') }}),

groups as (select * from {{ ref('int_risk__groups') }}),

settings as (
    select {{ setting('churn_sample_customers', 'int') }} as sample_customers
    from {{ ref('analyst_settings') }}
),

-- High = likely to leave. A health score is no probability, so nothing is predicted by it.
scores as (
    select
        'health_score' as score_kind,
        customer_key,
        score_date,
        health_band,
        cast(health_score as double) as score,
        -cast(health_score as double) as risk_order,
        cast(null as double) as predicted_rate
    from health

    union all

    select
        'churn_risk' as score_kind,
        customer_key,
        score_date,
        cast(null as {{ dbt.type_string() }}) as health_band,
        model_risk_rate as score,
        model_risk_rate as risk_order,
        model_risk_rate as predicted_rate
    from predictions
),

judged as (
    select
        scores.*,
        outcomes.customer_kind,
        outcomes.is_lost,
        groups.risk_group,
        max(outcomes.score_date) over () as last_score_date
    from scores
    cross join settings
    inner join outcomes
        on outcomes.customer_key = scores.customer_key
        and outcomes.score_date = scores.score_date
    inner join groups
        on groups.customer_key = scores.customer_key
        and groups.score_date = scores.score_date
    where outcomes.draw_number <= settings.sample_customers
),

-- Notice on everything is a loss foretold by the customer: to know it is no merit of a score.
levels as (
    {% for population in ['everybody', 'without_notice'] %}
    {% for is_pooled, is_all in [(false, false), (false, true), (true, false), (true, true)] %}
    select '{{ population }}' as population, {{ is_pooled | lower }} as is_pooled,
        {{ is_all | lower }} as is_all
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        judged.score_kind,
        levels.population,
        case when levels.is_all then 'all' else judged.customer_kind end as customer_kind,
        levels.is_pooled,
        case when levels.is_pooled then judged.last_score_date else judged.score_date end
            as score_date,
        judged.score_date as observed_date,
        judged.customer_key,
        judged.health_band,
        judged.score,
        judged.risk_order,
        judged.predicted_rate,
        judged.is_lost
    from judged
    cross join levels
    where levels.population = 'everybody'
        or judged.risk_group <> 'notice'
)

select * from final
