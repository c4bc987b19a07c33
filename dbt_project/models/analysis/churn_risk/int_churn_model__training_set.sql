-- Grain: one row per day of training, customer and month end by which the risk model is fitted
{{ config(materialized='view') }}
with

features as (select * from {{ ref('int_churn_model__features') }}),

outcomes as (select * from {{ ref('int_risk__outcomes') }}),

settings as (
    select
        {{ setting('churn_sample_customers', 'int') }} as sample_customers,
        {{ setting('churn_training_months', 'int') }} as training_months
    from {{ ref('analyst_settings') }}
),

-- A model for each month end that has all of its months before it, so that it comes out the same
-- in every night, and the one that is judged is the one that was in force.
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
        >= settings.training_months - 1
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
            < settings.training_months
    inner join features
        on features.customer_key = outcomes.customer_key
        and features.score_date = outcomes.score_date
    where outcomes.is_trained_on
        and outcomes.draw_number <= settings.sample_customers
)

select * from final
