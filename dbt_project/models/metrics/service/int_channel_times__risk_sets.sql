-- Grain: one row per channel, month of opening, measure, clock and length after which a wait ended
with

tickets as (select * from {{ ref('fct_tickets') }}),

-- What came ended its wait; what has not is still being waited for when last seen (censored).
waits as (
    {% for measure, clock, ended_after, censored_after in [
        ('first_reply', 'calendar',
            'first_reply_time_calendar_minutes', 'unanswered_calendar_minutes'),
        ('first_reply', 'business',
            'first_reply_time_business_minutes', 'unanswered_business_minutes'),
        ('full_resolution', 'calendar',
            'full_resolution_calendar_minutes', 'unresolved_calendar_minutes'),
        ('full_resolution', 'business',
            'full_resolution_business_minutes', 'unresolved_business_minutes'),
    ] %}
    select
        coalesce(channel, 'unknown') as channel,
        month_date,
        '{{ measure }}' as measure,
        '{{ clock }}' as clock,
        coalesce({{ ended_after }}, {{ censored_after }}) as minutes,
        case when {{ ended_after }} is null then 0 else 1 end as is_ended
    from tickets
    where {{ ended_after }} is not null
        or {{ censored_after }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

times as (
    select
        channel,
        month_date,
        measure,
        clock,
        minutes,
        sum(is_ended) as ended_count,
        count(*) as leaving_count
    from waits
    group by 1, 2, 3, 4, 5
),

at_risk as (
    select
        *,
        sum(leaving_count) over (
            partition by channel, month_date, measure, clock
            order by minutes desc
        ) as waiting_count
    from times
),

-- Share still waiting = product of (1 − ended / waiting); the last one that ends leaves 0.
survival as (
    select
        *,
        {{ exact_sum(
            'case
                when ended_count = waiting_count then -1000
                else ln(1 - cast(ended_count as double) / waiting_count)
            end',
            over='(
            partition by channel, month_date, measure, clock
            order by minutes
        )') }} as log_share
    from at_risk
),

final as (
    select
        channel,
        month_date,
        measure,
        clock,
        minutes,
        cast(ended_count as bigint) as ended_count,
        cast(waiting_count as bigint) as waiting_count,
        {{ settled('exp(log_share)') }} as waiting_share
    from survival
)

select * from final
