-- Grain: one row per support ticket or conversation that the desk kept, its latest version
with

tickets as (select * from {{ source('lake', 'tickets') }}),

latest as (
    {{ latest_version('tickets', ['ticket_id'], 'updated_at') }}
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
    from latest
    -- By its latest version: a ticket deleted, or merged into another, is none.
    where coalesce(status, 'open') not in ('deleted', 'merged')
)

select * from final
