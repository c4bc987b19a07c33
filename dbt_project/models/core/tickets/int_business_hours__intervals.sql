-- Grain: one row per schedule and interval, open or closed throughout, within one UTC date
with

schedules as (select * from {{ ref('stg_support__schedules') }}),

holidays as (select * from {{ ref('stg_support__holidays') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Take a day more at either end, because the local and the UTC date differ.
bounds as (
    select
        cast(min(tickets.created_at) as date) - interval 1 day as first_date,
        max(run_parameters.as_of_date) + interval 2 day as last_date
    from tickets
    cross join run_parameters
),

days as (
    select {{ date_spine('first_date', 'last_date') }} as local_midnight
    from bounds
),

schedule_days as (
    select
        schedules.schedule_id,
        schedules.weekday,
        schedules.opens_at_minute,
        schedules.closes_at_minute,
        schedules.time_zone,
        days.local_midnight
    from schedules
    inner join days
        on days.local_midnight >= schedules.valid_from
        and (schedules.valid_to is null or days.local_midnight < schedules.valid_to)
),

openings as (
    select
        schedule_days.schedule_id,
        {{ to_utc('local_midnight + interval 1 minute * opens_at_minute', 'time_zone') }}
            as opens_at,
        {{ to_utc('local_midnight + interval 1 minute * closes_at_minute', 'time_zone') }}
            as closes_at
    from schedule_days
    left join holidays
        on holidays.schedule_id = schedule_days.schedule_id
        and holidays.holiday_date = schedule_days.local_midnight
    where schedule_days.weekday = 1 + {{ days_between(
            "date_trunc('week', schedule_days.local_midnight)", 'schedule_days.local_midnight'
        ) }}
        and holidays.schedule_id is null
),

-- +1 where opening hours begin, -1 where they end, 0 at midnight: overlapping hours are open once,
-- and every interval begins and ends on the same UTC date, by which it is joined.
boundaries as (
    select schedule_id, opens_at as started_at, 1 as step from openings
    union all
    select schedule_id, closes_at as started_at, -1 as step from openings
    union all
    select schedule_id, local_midnight as started_at, 0 as step from schedule_days
    union all
    select schedule_id, local_midnight + interval 1 day as started_at, 0 as step from schedule_days
),

steps as (
    select
        schedule_id,
        started_at,
        sum(step) as step
    from boundaries
    group by 1, 2
),

intervals as (
    select
        schedule_id,
        started_at,
        lead(started_at) over (partition by schedule_id order by started_at) as ended_at,
        sum(step) over (partition by schedule_id order by started_at) > 0 as is_open
    from steps
),

open_intervals as (
    select
        *,
        case when is_open then {{ minutes_between('started_at', 'ended_at') }} else 0 end
            as open_minutes
    from intervals
    where ended_at is not null
),

final as (
    select
        schedule_id,
        cast(started_at as date) as utc_date,
        started_at,
        ended_at,
        is_open,
        cast(
            {{ exact_sum('open_minutes', over='(partition by schedule_id order by started_at)') }}
                - open_minutes
            as decimal(18, 4)
        ) as open_minutes_before
    from open_intervals
)

select * from final
