-- Grain: one row per ticket, its milestones from events, else from the tool's totals
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

events as (select * from {{ ref('int_ticket_events__enriched') }}),

event_totals as (
    select
        ticket_id,
        min(occurred_at) filter (where is_agent_reply) as first_reply_at,
        min(occurred_at) filter (where is_solve) as first_solved_at,
        max(occurred_at) filter (where is_solve) as last_solved_at,
        max_by(value, event_number) filter (where event_kind = 'status') as last_status,
        max_by(occurred_at, event_number) filter (where event_kind = 'status') as last_status_at,
        bool_or(event_kind = 'created' and actor_kind = 'agent') as is_outbound,
        count(*) filter (where event_kind = 'comment') as comment_count,
        count(*) filter (where event_kind = 'status') as status_event_count,
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
    group by ticket_id
),

priority_at_reply as (
    select
        events.ticket_id,
        max_by(events.value, events.event_number) as priority
    from events
    inner join event_totals
        on event_totals.ticket_id = events.ticket_id
    where events.event_kind = 'priority'
        and events.occurred_at <= coalesce(event_totals.first_reply_at, events.occurred_at)
    group by events.ticket_id
),

-- Events may be cut off at either end, or be of one kind only. Where they lack a solution or
-- replies that the tool's totals have, the totals stand.
compared as (
    select
        tickets.*,
        event_totals.ticket_id is not null
            and not coalesce(
                (
                    tickets.status in ('solved', 'closed')
                    and (
                        coalesce(
                            tickets.solved_at, tickets.created_at
                                + interval 1 minute * tickets.full_resolution_calendar_minutes
                        ) >= event_totals.last_solved_at + interval 2 minute
                        or (
                            event_totals.last_solved_at is null
                            and coalesce(tickets.solved_at is not null,
                                tickets.full_resolution_calendar_minutes is not null)
                        )
                    )
                )
                or (
                    tickets.first_reply_calendar_minutes is not null
                    and event_totals.first_reply_at is null
                )
                or tickets.public_reply_count > event_totals.public_reply_count,
                false
            ) as has_events
    from tickets
    left join event_totals
        on event_totals.ticket_id = tickets.ticket_id
),

-- What the tool of a ticket records at all, by what it records of any of its tickets.
tool_coverage as (
    select
        tickets.ticket_id,
        tickets.has_events,
        tickets.solved_at is not null
            or tickets.full_resolution_calendar_minutes is not null as has_resolution_total,
        max(event_totals.comment_count) over of_tool > 0 as is_comment_recorded,
        max(event_totals.status_event_count) over of_tool > 0 as is_status_recorded,
        count(tickets.first_reply_calendar_minutes) over of_tool > 0 as is_reply_total_recorded,
        count(coalesce(
            tickets.full_resolution_calendar_minutes,
            case when tickets.solved_at is not null then 0 end
        )) over of_tool > 0 as is_resolution_total_recorded
    from compared as tickets
    left join event_totals
        on event_totals.ticket_id = tickets.ticket_id
    window of_tool as (partition by tickets.source_system)
),

-- Where the tool never records replies, a missing reply means unknown and not unanswered; a closed
-- ticket without a time was resolved at a time that nobody recorded.
merged as (
    select
        tickets.ticket_id,
        tickets.created_at,
        case when tool_coverage.has_events then 'events' else 'tool_totals' end as totals_basis,
        case
            when tool_coverage.has_events then coalesce(event_totals.last_status, tickets.status)
            else coalesce(tickets.status, event_totals.last_status)
        end as status,
        coalesce(event_totals.is_outbound, false) as is_outbound,
        coalesce(
            case
                when event_totals.is_outbound then false
                when tool_coverage.has_events then tool_coverage.is_comment_recorded
                else tool_coverage.is_reply_total_recorded
            end,
            false
        ) as is_reply_known,
        coalesce(
            case
                when tool_coverage.has_events then tool_coverage.is_status_recorded
                else tool_coverage.is_resolution_total_recorded
                    and (
                        tool_coverage.has_resolution_total
                        or tickets.status not in ('solved', 'closed')
                    )
            end,
            false
        ) as is_resolution_known,
        -- Whoever is written to has not asked: there is nothing to be answered.
        case
            when event_totals.is_outbound then null
            when tool_coverage.has_events then event_totals.first_reply_at
            else tickets.created_at + interval 1 minute * tickets.first_reply_calendar_minutes
        end as first_reply_at,
        case
            when tool_coverage.has_events then event_totals.first_solved_at
            else coalesce(
                tickets.first_solved_at,
                tickets.created_at + interval 1 minute * tickets.first_resolution_calendar_minutes
            )
        end as first_solved_at,
        case
            when tool_coverage.has_events then event_totals.last_solved_at
            else coalesce(
                tickets.solved_at,
                tickets.created_at + interval 1 minute * tickets.full_resolution_calendar_minutes
            )
        end as last_solved_at,
        case
            when tool_coverage.has_events then event_totals.public_reply_count
            else tickets.public_reply_count
        end as public_reply_count,
        case
            when tool_coverage.has_events then event_totals.reopen_count
            else tickets.reopen_count
        end as reopen_count,
        case
            when tool_coverage.has_events then event_totals.handoff_count
            when tickets.assignee_station_count > 0 then tickets.assignee_station_count - 1
            else tickets.assignee_station_count
        end as handoff_count,
        event_totals.channel_switch_count,
        coalesce(event_totals.handle_minutes, tickets.handle_minutes) as handle_minutes,
        case
            when event_totals.priority_event_count > 0 then event_totals.priority_at_creation
            else tickets.priority
        end as priority_at_creation,
        case
            when event_totals.priority_event_count > 0 then priority_at_reply.priority
            else tickets.priority
        end as priority_at_first_reply,
        tickets.closed_at,
        event_totals.last_status_at
    from tickets
    inner join tool_coverage
        on tool_coverage.ticket_id = tickets.ticket_id
    left join event_totals
        on event_totals.ticket_id = tickets.ticket_id
    left join priority_at_reply
        on priority_at_reply.ticket_id = tickets.ticket_id
),

final as (
    select
        ticket_id,
        created_at,
        totals_basis,
        status,
        is_outbound,
        is_reply_known,
        is_resolution_known,
        first_reply_at,
        coalesce(first_solved_at, case when reopen_count = 0 then last_solved_at end)
            as first_solved_at,
        case when status in ('solved', 'closed') then last_solved_at end as solved_at,
        coalesce(closed_at, case when status = 'closed' then last_status_at end) as closed_at,
        coalesce(status in ('solved', 'closed') and last_solved_at is not null, false) as is_solved,
        case
            when totals_basis = 'tool_totals' or is_reply_known or is_outbound
                then public_reply_count
        end as public_reply_count,
        reopen_count,
        handoff_count,
        channel_switch_count,
        handle_minutes,
        priority_at_creation,
        priority_at_first_reply
    from merged
)

select * from final
