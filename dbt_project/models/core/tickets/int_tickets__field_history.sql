-- Grain: one row per ticket and stretch of time in one unsolved status
with

events as (select * from {{ ref('int_ticket_events__enriched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

changes as (
    select ticket_id, value as status, occurred_at as started_at, next_occurred_at as ended_at
    from events
    where event_kind = 'status'
),

-- Until the first change a ticket is new.
beginnings as (
    select
        ticket_id,
        'new' as status,
        min(ticket_created_at) as started_at,
        min(occurred_at) filter (where event_kind = 'status') as ended_at
    from events
    group by 1
),

intervals as (
    select * from changes
    union all
    select * from beginnings
),

final as (
    select
        intervals.ticket_id,
        intervals.status,
        intervals.started_at,
        coalesce(intervals.ended_at, {{ end_of_data() }}) as ended_at
    from intervals
    cross join run_parameters
    where intervals.status not in ('solved', 'closed')
)

select * from final
