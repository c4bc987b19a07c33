-- Grain: one row per schedule and stretch of time, open or closed throughout, within one UTC date
with

schedules as (select * from {{ ref('stg_support__schedules') }}),

holidays as (select * from {{ ref('stg_support__holidays') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- A day more at either end, because the local and the UTC date differ.
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

scheduled as (
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
        scheduled.schedule_id,
        {{ to_utc('local_midnight + interval 1 minute * opens_at_minute', 'time_zone') }}
            as opens_at,
        {{ to_utc('local_midnight + interval 1 minute * closes_at_minute', 'time_zone') }}
            as closes_at
    from scheduled
    left join holidays
        on holidays.schedule_id = scheduled.schedule_id
        and holidays.holiday_date = scheduled.local_midnight
    where scheduled.weekday = 1 + {{ days_between(
            "date_trunc('week', scheduled.local_midnight)", 'scheduled.local_midnight'
        ) }}
        and holidays.schedule_id is null
),

-- +1 where an interval opens, -1 where one closes, 0 at midnight: overlapping intervals are open
-- once, and every stretch begins and ends on the same UTC date, by which it is joined.
marks as (
    select schedule_id, opens_at as started_at, 1 as step from openings
    union all
    select schedule_id, closes_at as started_at, -1 as step from openings
    union all
    select schedule_id, local_midnight as started_at, 0 as step from scheduled
    union all
    select schedule_id, local_midnight + interval 1 day as started_at, 0 as step from scheduled
),

steps as (
    select
        schedule_id,
        started_at,
        sum(step) as step
    from marks
    group by 1, 2
),

pieces as (
    select
        schedule_id,
        started_at,
        lead(started_at) over (partition by schedule_id order by started_at) as ended_at,
        sum(step) over (partition by schedule_id order by started_at) > 0 as is_open
    from steps
),

measured as (
    select
        *,
        case when is_open then {{ minutes_between('started_at', 'ended_at') }} else 0 end
            as open_minutes
    from pieces
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
    from measured
)

select * from final
