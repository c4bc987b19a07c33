-- Grain: one row per ticket, whether what was promised about it was kept
with

measured as (select * from {{ ref('int_tickets__time_metrics') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

events as (select * from {{ ref('int_ticket_events__enriched') }}),

settings as (select * from {{ ref('analyst_settings') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

targets as (
    select
        setting_name,
        cast(nullif(trim(setting_value), '') as decimal(18, 4)) as target_minutes
    from settings
    where setting_name like 'first_reply_target_minutes__%'
),

applied as (
    select
        events.ticket_id,
        try_cast(max_by(events.value, events.event_number) as decimal(18, 4)) as target_minutes
    from events
    inner join measured
        on measured.ticket_id = events.ticket_id
    where events.event_kind = 'reply_target'
        and events.occurred_at <= coalesce(measured.first_reply_at, events.occurred_at)
    group by 1
),

-- The desk's own target in force when the reply came, or should have come; else the priority of
-- then sets it.
timed as (
    select
        measured.ticket_id,
        measured.solved_at,
        tickets.due_at,
        coalesce(applied.target_minutes, targets.target_minutes)
            as first_reply_target_minutes,
        coalesce(measured.first_reply_business_minutes, measured.first_reply_calendar_minutes)
            as replied_after_minutes,
        coalesce(measured.unanswered_business_minutes, measured.unanswered_calendar_minutes)
            as waited_minutes
    from measured
    inner join tickets
        on tickets.ticket_id = measured.ticket_id
    left join applied
        on applied.ticket_id = measured.ticket_id
    left join targets
        on targets.setting_name
            = concat('first_reply_target_minutes__', measured.priority_at_first_reply)
),

-- A promise that still runs is neither kept nor missed.
final as (
    select
        timed.ticket_id,
        timed.first_reply_target_minutes,
        case
            when timed.replied_after_minutes <= timed.first_reply_target_minutes then true
            when timed.replied_after_minutes > timed.first_reply_target_minutes then false
            when timed.waited_minutes > timed.first_reply_target_minutes then false
        end as is_first_reply_in_time,
        case
            when timed.solved_at <= timed.due_at then true
            when timed.solved_at > timed.due_at then false
            when timed.due_at < {{ end_of_data() }} then false
        end as is_resolved_in_time
    from timed
    cross join run_parameters
)

select * from final
