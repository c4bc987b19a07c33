-- Grain: one row per channel, month of opening, measure, clock and length after which a wait ended
{#- measure: (the column that ended it, the column that says how long it has lasted so far) -#}
{%- set waits = {
    'first_reply': ('first_reply_time', 'unanswered'),
    'full_resolution': ('full_resolution', 'unresolved'),
} %}
with

tickets as (select * from {{ ref('fct_tickets') }}),

-- What came ended its wait; what has not is still being waited for when last seen.
waits as (
    {% for measure, (ended, lasting) in waits.items() %}
    {% for clock in ['calendar', 'business'] %}
    select
        coalesce(channel, 'unknown') as channel,
        month_date,
        '{{ measure }}' as measure,
        '{{ clock }}' as clock,
        coalesce({{ ended }}_{{ clock }}_minutes, {{ lasting }}_{{ clock }}_minutes) as minutes,
        case when {{ ended }}_{{ clock }}_minutes is null then 0 else 1 end as is_ended
    from tickets
    where {{ ended }}_{{ clock }}_minutes is not null
        or {{ lasting }}_{{ clock }}_minutes is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

moments as (
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
    from moments
),

-- Share still waiting = product of (1 − ended / waiting); the last one that ends leaves 0.
summed as (
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
    from summed
)

select * from final
