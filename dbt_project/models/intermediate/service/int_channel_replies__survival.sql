-- Grain: one row per channel and month of opening, the Kaplan–Meier median of the first reply
with

tickets as (select * from {{ ref('fct_tickets') }}),

-- Answered tickets end their wait; unanswered ones are still waiting when last seen.
waits as (
    select
        coalesce(channel, 'unknown') as channel,
        month_date,
        coalesce(first_reply_time_calendar_minutes, unanswered_calendar_minutes) as minutes,
        case when first_reply_time_calendar_minutes is null then 0 else 1 end as is_answered
    from tickets
    where first_reply_time_calendar_minutes is not null
        or unanswered_calendar_minutes is not null
),

moments as (
    select
        channel,
        month_date,
        minutes,
        sum(is_answered) as answered_count,
        count(*) as leaving_count
    from waits
    group by 1, 2, 3
),

at_risk as (
    select
        *,
        sum(leaving_count) over (
            partition by channel, month_date
            order by minutes desc
        ) as waiting_count
    from moments
),

-- Share still waiting = product of (1 − answered / waiting); the last one answered ends it at 0.
surviving as (
    select
        channel,
        month_date,
        minutes,
        exp(sum(
            case
                when answered_count = waiting_count then -1000
                else ln(1 - cast(answered_count as double) / waiting_count)
            end
        ) over (
            partition by channel, month_date
            order by minutes
        )) as waiting_share
    from at_risk
),

final as (
    select
        channel,
        month_date,
        min(minutes) filter (where waiting_share <= 0.5 + 1e-9) as median_minutes
    from surviving
    group by 1, 2
)

select * from final
