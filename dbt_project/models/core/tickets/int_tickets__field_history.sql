-- Grain: one row per ticket, field (status, schedule) and interval in which it had one value
{{ config(materialized='view') }}
with

events as (select * from {{ ref('int_ticket_events__enriched') }}),

changes as (
    select
        ticket_id,
        event_kind as field_name,
        value,
        occurred_at as valid_from_at,
        next_occurred_at as valid_to_at
    from events
    where event_kind in ('status', 'schedule')
),

-- Until its first change a ticket is new and has the default schedule.
beginnings as (
    select
        ticket_id,
        'status' as field_name,
        'new' as value,
        min(ticket_created_at) as valid_from_at,
        min(occurred_at) filter (where event_kind = 'status') as valid_to_at
    from events
    group by ticket_id

    union all

    select
        ticket_id,
        'schedule' as field_name,
        'default' as value,
        min(ticket_created_at) as valid_from_at,
        min(occurred_at) as valid_to_at
    from events
    where event_kind = 'schedule'
    group by ticket_id
),

final as (
    select * from changes
    union all
    select * from beginnings
)

select * from final
