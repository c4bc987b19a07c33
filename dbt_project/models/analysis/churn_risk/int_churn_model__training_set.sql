-- Grain: one row per day of training, customer and month end by which the risk model is fitted
{{ config(materialized='view') }}
with

features as (select * from {{ ref('int_churn_model__features') }}),

outcomes as (select * from {{ ref('int_risk__outcomes') }}),

settings as (select * from {{ ref('int_settings') }}),

-- One model per month end with all of its training months before it: every run fits the same
-- models, and the back-test judges those that were in force.
models as (
    select days.outcome_date as trained_through_date
    from (
        select distinct
            outcome_date,
            min(outcome_date) over () as first_outcome_date
        from outcomes
    ) as days
    cross join settings
    where {{ month_boundaries('days.first_outcome_date', 'days.outcome_date') }}
        >= settings.churn_training_months - 1
),

final as (
    select
        outcomes.customer_kind,
        models.trained_through_date,
        outcomes.customer_key,
        outcomes.outcome_date,
        {% for feature in churn_features() %}
        features.{{ feature }},
        {% endfor %}
        outcomes.is_lost
    from models
    cross join settings
    inner join outcomes
        on outcomes.outcome_date <= models.trained_through_date
        and {{ month_boundaries('outcomes.outcome_date', 'models.trained_through_date') }}
            < settings.churn_training_months
    inner join features
        on features.customer_key = outcomes.customer_key
        and features.score_date = outcomes.score_date
    where outcomes.is_trained_on
        and outcomes.draw_number <= settings.churn_sample_customers
)

select * from final
