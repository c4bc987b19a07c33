-- Grain: one row per support ticket or conversation that the desk kept, its latest version
with

tickets as (select * from {{ source('lake', 'tickets') }}),

ticket_events as (select * from {{ source('lake', 'ticket_events') }}),

-- Exports of tickets leave deleted ones out; only the history of a ticket tells of it.
last_statuses as (
    select
        ticket_id,
        max(occurred_at) as status_at,
        max_by(
            {{ normalised('value') }}, concat(cast(occurred_at as varchar(30)), event_id)
        ) as last_status
    from ticket_events
    where event_kind = 'status'
    group by ticket_id
),

latest as (
    {{ latest_version('tickets', ['ticket_id'], 'updated_at') }}
),

-- By what came last, its latest version or an event: a ticket deleted, or merged into another, is
-- none. The change that deletes a ticket moves its own time too, by a moment.
kept as (
    select latest.*
    from latest
    left join last_statuses
        on last_statuses.ticket_id = latest.ticket_id
    where coalesce(latest.status, 'open') not in ('deleted', 'merged')
        and not coalesce(
            last_statuses.last_status in ('deleted', 'merged')
            and coalesce(latest.updated_at <= last_statuses.status_at + interval 2 minute, true),
            false
        )
),

final as (
    select
        ticket_id,
        customer_id,
        customer_email,
        customer_domain,
        created_at,
        updated_at,
        channel,
        priority,
        status,
        ticket_type,
        subject,
        tags,
        problem_id,
        product,
        language,
        group_name,
        assignee_id,
        schedule_id,
        is_escalated,
        first_solved_at,
        solved_at,
        closed_at,
        due_at,
        first_reply_calendar_minutes,
        first_reply_business_minutes,
        first_resolution_calendar_minutes,
        first_resolution_business_minutes,
        full_resolution_calendar_minutes,
        full_resolution_business_minutes,
        agent_wait_calendar_minutes,
        agent_wait_business_minutes,
        requester_wait_calendar_minutes,
        requester_wait_business_minutes,
        on_hold_calendar_minutes,
        on_hold_business_minutes,
        reopen_count,
        public_reply_count,
        assignee_station_count,
        group_station_count,
        handle_minutes,
        source_system,
        extract_date
    from kept
)

select * from final
