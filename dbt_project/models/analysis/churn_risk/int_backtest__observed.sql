-- Grain: one row per score, customer, score date whose horizon is over, and back-test it is in
{{ config(materialized='view') }}
with

outcomes as (select * from {{ ref('int_risk__outcomes') }} where is_active),

health as (select * from {{ ref('fct_customer_health') }}),

predictions as (select * from {{ ref('int_churn_model__scores') }}),

groups as (select * from {{ ref('int_risk__groups') }}),

settings as (select * from {{ ref('int_settings') }}),

-- A high risk_order is a high risk. A health score is no probability: no predicted rate.
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

observations as (
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
    where outcomes.draw_number <= settings.churn_sample_customers
),

-- Notice on all of the MRR is a loss announced by the customer: no score has earned it.
populations as (
    select 'everybody' as population
    union all
    select 'without_notice' as population
),

pools as (
    select false as is_pooled
    union all
    select true as is_pooled
),

kinds as (
    select false as is_all
    union all
    select true as is_all
),

final as (
    select
        observations.score_kind,
        populations.population,
        case when kinds.is_all then 'all' else observations.customer_kind end as customer_kind,
        pools.is_pooled,
        case when pools.is_pooled then observations.last_score_date else observations.score_date end
            as score_date,
        observations.score_date as observed_date,
        observations.customer_key,
        observations.health_band,
        observations.score,
        observations.risk_order,
        observations.predicted_rate,
        observations.is_lost
    from observations
    cross join populations
    cross join pools
    cross join kinds
    where populations.population = 'everybody'
        or observations.risk_group <> 'notice'
)

select * from final
