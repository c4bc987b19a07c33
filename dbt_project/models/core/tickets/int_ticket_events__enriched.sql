-- Grain: one row per event of a known ticket, with what it changed
with

ticket_events as (select * from {{ ref('stg_support__ticket_events') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

ticket_history as (
    select
        ticket_events.ticket_id,
        ticket_events.event_id,
        ticket_events.occurred_at,
        ticket_events.event_kind,
        case
            when ticket_events.event_kind = 'status'
                then {{ ticket_status('ticket_events.value') }}
            else ticket_events.value
        end as value,
        ticket_events.is_public,
        ticket_events.actor_kind,
        ticket_events.handle_seconds,
        tickets.created_at as ticket_created_at,
        tickets.channel as ticket_channel
    from ticket_events
    inner join tickets
        on tickets.ticket_id = ticket_events.ticket_id
),

-- Comments are most of all events; they change nothing and need no sorting. A change to nothing (an
-- agent taken off, nobody put on) is not counted as a change.
comments as (
    select
        ticket_history.*,
        cast(null as bigint) as event_number,
        cast(null as {{ dbt.type_string() }}) as previous_value,
        cast(null as timestamp) as next_occurred_at
    from ticket_history
    where event_kind in ('created', 'comment')
),

changes as (
    select
        ticket_history.*,
        row_number() over kind_of_ticket as event_number,
        lag(value) over kind_of_ticket as previous_value,
        lead(occurred_at) over kind_of_ticket as next_occurred_at
    from ticket_history
    where event_kind not in ('created', 'comment')
        and value is not null
    -- ids of one tool grow with time, and the longer number is the later one
    window kind_of_ticket as (
        partition by ticket_id, event_kind
        order by occurred_at, length(event_id), event_id
    )
),

all_events as (
    select * from comments
    union all
    select * from changes
),

final as (
    select
        ticket_id,
        event_id,
        occurred_at,
        event_kind,
        value,
        is_public,
        actor_kind,
        handle_seconds,
        ticket_created_at,
        event_number,
        next_occurred_at,
        event_kind = 'comment' and actor_kind = 'agent' and coalesce(is_public, false)
            as is_agent_reply,
        event_kind = 'status'
            and value = 'solved'
            and coalesce(previous_value, 'new') not in ('solved', 'closed') as is_solve,
        event_kind = 'status'
            and value not in ('solved', 'closed')
            and coalesce(previous_value, 'new') in ('solved', 'closed') as is_reopen,
        event_kind = 'assignee' and value <> coalesce(previous_value, value) as is_handoff,
        event_kind = 'channel' and value <> coalesce(previous_value, ticket_channel, value)
            as is_channel_switch
    from all_events
)

select * from final
