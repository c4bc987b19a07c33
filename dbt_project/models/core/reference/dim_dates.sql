-- Grain: one row per day from the first event to the end of the as-of month
with

customers as (select * from {{ ref('stg_crm__customers') }}),

transactions as (select * from {{ ref('stg_crm__transactions') }}),

interactions as (select * from {{ ref('stg_crm__interactions') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

survey_responses as (select * from {{ ref('stg_survey__survey_responses') }}),

contracts as (select * from {{ ref('stg_crm__contracts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

first_events as (
    select min(signup_at) as first_at from customers
    union all
    select min(occurred_at) as first_at from transactions
    union all
    select min(occurred_at) as first_at from interactions
    union all
    select min(created_at) as first_at from tickets
    union all
    select min(answered_at) as first_at from survey_responses
),

first_dates as (
    select
        cast({{ to_local('first_events.first_at', 'run_parameters.time_zone') }} as date)
            as first_date
    from first_events
    cross join run_parameters

    union all

    -- A date has no time zone: it is the day it says.
    select min(start_date) as first_date from contracts
),

bounds as (
    select
        run_parameters.as_of_date,
        -- An empty lake still has the as-of month.
        least(
            coalesce(
                min(first_dates.first_date),
                cast(date_trunc('month', run_parameters.as_of_date) as date)
            ),
            run_parameters.as_of_date
        ) as first_date,
        last_day(run_parameters.as_of_date) as last_date
    from first_dates
    cross join run_parameters
    group by run_parameters.as_of_date
),

spine as (
    select
        as_of_date,
        {{ date_spine('first_date', 'last_date') }} as day_at
    from bounds
),

days as (
    select
        as_of_date,
        cast(day_at as date) as date_day
    from spine
),

final as (
    select
        date_day,
        cast(date_trunc('week', date_day) as date) as week_date,
        -- The ISO year of a week is the year its Thursday is in.
        cast(year(date_trunc('week', date_day) + interval 3 day) as integer) as iso_year,
        cast(weekofyear(date_day) as integer) as iso_week,
        cast(date_trunc('month', date_day) as date) as month_date,
        cast(month(date_day) as integer) as month_number,
        cast(date_trunc('quarter', date_day) as date) as quarter_date,
        cast(quarter(date_day) as integer) as quarter_number,
        cast(year(date_day) as integer) as year_number,
        cast(1 + {{ days_between("date_trunc('week', date_day)", 'date_day') }} as integer)
            as iso_weekday,
        {{ days_between("date_trunc('week', date_day)", 'date_day') }} >= 5 as is_weekend,
        date_day <= as_of_date as is_closed,
        last_day(date_day) <= as_of_date as is_closed_month,
        last_day(date_trunc('quarter', date_day) + interval 2 month) <= as_of_date
            as is_closed_quarter
    from days
)

select * from final
