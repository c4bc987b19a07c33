-- Grain: one row per customer, kind, scope, period kind and period, the answer that speaks for them
{{ config(materialized='view') }}
with

responses as (select * from {{ ref('fct_survey_responses') }}),

dates as (select * from {{ ref('dim_dates') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- A period that still runs is looked at as of the data date.
periods as (
    {% for period_kind in ['month', 'quarter'] %}
    select
        '{{ period_kind }}' as period_kind,
        dates.{{ period_kind }}_date as period_date,
        least(max(dates.date_day), max(run_parameters.as_of_date)) as looked_at_date
    from dates
    cross join run_parameters
    group by dates.{{ period_kind }}_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- An answer speaks for its customer until the next one, but no longer than twelve months.
answers as (
    select
        customer_key,
        survey_kind,
        survey_scope,
        nps_class,
        is_csat_good,
        is_low_effort,
        business_date as from_date,
        coalesce(
            lead(business_date) over (
                partition by customer_key, survey_kind, survey_scope
                order by answered_at, response_id
            ),
            date '9999-12-31'
        ) as to_date
    from responses
    where customer_key <> 'unknown'
        and (nps_class is not null or is_csat_good is not null or is_low_effort is not null)
),

final as (
    select
        answers.customer_key,
        answers.survey_kind,
        coalesce(answers.survey_scope, 'unknown') as survey_scope,
        periods.period_kind,
        periods.period_date,
        answers.nps_class,
        answers.is_csat_good,
        answers.is_low_effort
    from answers
    inner join periods
        on periods.looked_at_date >= answers.from_date
        and periods.looked_at_date < answers.to_date
        and answers.from_date > periods.looked_at_date - interval 12 month
)

select * from final
