-- Grain: one row per ticket, its turning points from events, else from the tool's totals
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

events as (select * from {{ ref('int_ticket_events__enriched') }}),

told as (select * from {{ ref('int_tickets__recorded_events') }}),

totals as (
    select
        ticket_id,
        min(occurred_at) filter (where is_agent_reply) as first_reply_at,
        min(occurred_at) filter (where is_solve) as first_solved_at,
        max(occurred_at) filter (where is_solve) as last_solved_at,
        max_by(value, event_number) filter (where event_kind = 'status') as last_status,
        max_by(occurred_at, event_number) filter (where event_kind = 'status') as last_status_at,
        count(*) filter (where is_agent_reply) as public_reply_count,
        count(*) filter (where is_reopen) as reopen_count,
        count(*) filter (where is_handoff) as handoff_count,
        count(*) filter (where is_channel_switch) as channel_switch_count,
        cast(sum(handle_seconds) / 60 as decimal(18, 4)) as handle_minutes,
        count(*) filter (where event_kind = 'priority') as priority_event_count,
        max_by(value, event_number)
            filter (where event_kind = 'priority' and occurred_at <= ticket_created_at)
            as priority_at_creation
    from events
    group by 1
),

priority_at_reply as (
    select
        events.ticket_id,
        max_by(events.value, events.event_number) as priority
    from events
    inner join totals
        on totals.ticket_id = events.ticket_id
    where events.event_kind = 'priority'
        and events.occurred_at <= coalesce(totals.first_reply_at, events.occurred_at)
    group by 1
),

resolved as (
    select
        tickets.ticket_id,
        tickets.created_at,
        case when totals.ticket_id is null then 'tool_totals' else 'events' end as totals_basis,
        coalesce(totals.last_status, tickets.status) as status,
        case
            when totals.ticket_id is not null then totals.first_reply_at
            else tickets.created_at + interval 1 minute * tickets.first_reply_calendar_minutes
        end as first_reply_at,
        case
            when totals.ticket_id is not null then totals.first_solved_at
            else coalesce(
                tickets.first_solved_at,
                tickets.created_at + interval 1 minute * tickets.first_resolution_calendar_minutes
            )
        end as first_solved_at,
        case
            when totals.ticket_id is not null then totals.last_solved_at
            else coalesce(
                tickets.solved_at,
                tickets.created_at + interval 1 minute * tickets.full_resolution_calendar_minutes
            )
        end as last_solved_at,
        told.is_reply_known,
        told.is_resolution_known,
        case when totals.ticket_id is null then tickets.public_reply_count
            else totals.public_reply_count end as public_reply_count,
        case when totals.ticket_id is null then tickets.reopen_count
            else totals.reopen_count end as reopen_count,
        case
            when totals.ticket_id is not null then totals.handoff_count
            when tickets.assignee_station_count > 0 then tickets.assignee_station_count - 1
            else tickets.assignee_station_count
        end as handoff_count,
        totals.channel_switch_count,
        coalesce(totals.handle_minutes, tickets.handle_minutes) as handle_minutes,
        case when coalesce(totals.priority_event_count, 0) = 0 then tickets.priority
            else totals.priority_at_creation end as priority_at_creation,
        case when coalesce(totals.priority_event_count, 0) = 0 then tickets.priority
            else priority_at_reply.priority end as priority_at_first_reply,
        tickets.closed_at,
        totals.last_status_at
    from tickets
    inner join told
        on told.ticket_id = tickets.ticket_id
    left join totals
        on totals.ticket_id = tickets.ticket_id
    left join priority_at_reply
        on priority_at_reply.ticket_id = tickets.ticket_id
),

final as (
    select
        ticket_id,
        created_at,
        totals_basis,
        status,
        is_reply_known,
        is_resolution_known,
        first_reply_at,
        coalesce(first_solved_at, case when reopen_count = 0 then last_solved_at end)
            as first_solved_at,
        case when status in ('solved', 'closed') then last_solved_at end as solved_at,
        coalesce(closed_at, case when status = 'closed' then last_status_at end) as closed_at,
        coalesce(status in ('solved', 'closed') and last_solved_at is not null, false) as is_solved,
        case when totals_basis = 'tool_totals' or is_reply_known then public_reply_count end
            as public_reply_count,
        reopen_count,
        handoff_count,
        channel_switch_count,
        handle_minutes,
        priority_at_creation,
        priority_at_first_reply
    from resolved
)

select * from final
