-- Grain: one row per customer and month end by which the churn-risk model is fitted
{{ config(materialized='view') }}
with

features as (select * from {{ ref('int_churn__features') }}),

outcomes as (select * from {{ ref('int_risk__outcomes') }}),

settings as (
    select {{ setting('churn_sample_customers', 'int') }} as sample_customers
    from {{ ref('analyst_settings') }}
),

final as (
    select
        outcomes.customer_kind,
        outcomes.outcome_date,
        outcomes.customer_key,
        {% for feature in churn_features() %}
        features.{{ feature }},
        {% endfor %}
        outcomes.is_lost_as_known as is_lost
    from outcomes
    cross join settings
    inner join features
        on features.customer_key = outcomes.customer_key
        and features.score_date = outcomes.score_date
    where outcomes.is_trained_on
        and outcomes.draw_number <= settings.sample_customers
)

select * from final
