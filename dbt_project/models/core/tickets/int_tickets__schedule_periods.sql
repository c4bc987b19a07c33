-- Grain: one row per ticket and period in which it had one schedule, for tickets that changed it
with

events as (select * from {{ ref('int_ticket_events__enriched') }}),

changes as (
    select ticket_id, value as schedule_id, occurred_at as valid_from_at, next_occurred_at
    from events
    where event_kind = 'schedule'
),

beginnings as (
    select
        ticket_id,
        'default' as schedule_id,
        min(ticket_created_at) as valid_from_at,
        min(occurred_at) as next_occurred_at
    from events
    where event_kind = 'schedule'
    group by 1
),

periods as (
    select * from changes
    union all
    select * from beginnings
),

final as (
    select
        ticket_id,
        schedule_id,
        valid_from_at,
        coalesce(next_occurred_at, cast('9999-12-31' as timestamp)) as valid_to_at
    from periods
    where next_occurred_at is null or next_occurred_at > valid_from_at
)

select * from final
