-- Grain: one row per ticket, whether its service level targets were met
{{ config(materialized='view') }}
with

time_metrics as (select * from {{ ref('int_tickets__time_metrics') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

events as (select * from {{ ref('int_ticket_events__enriched') }}),

analyst_settings as (select * from {{ ref('analyst_settings') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

targets as (
    select
        setting_name,
        cast(nullif(trim(setting_value), '') as decimal(18, 4)) as target_minutes
    from analyst_settings
    where setting_name like 'first_reply_target_minutes__%'
),

desk_targets as (
    select
        events.ticket_id,
        try_cast(max_by(events.value, events.event_number) as decimal(18, 4)) as target_minutes
    from events
    inner join time_metrics
        on time_metrics.ticket_id = events.ticket_id
    where events.event_kind = 'reply_target'
        and events.occurred_at <= coalesce(time_metrics.first_reply_at, events.occurred_at)
    group by 1
),

-- The target is the one the desk had set when the reply came, or should have come; else that of
-- the priority the ticket had then.
sla as (
    select
        time_metrics.ticket_id,
        time_metrics.solved_at,
        tickets.due_at,
        coalesce(desk_targets.target_minutes, targets.target_minutes)
            as first_reply_target_minutes,
        coalesce(
            time_metrics.first_reply_business_minutes, time_metrics.first_reply_calendar_minutes
        ) as replied_after_minutes,
        coalesce(
            time_metrics.unanswered_business_minutes, time_metrics.unanswered_calendar_minutes
        ) as waited_minutes,
        coalesce(
            time_metrics.first_resolution_business_minutes,
            time_metrics.first_resolution_calendar_minutes
        ) as solved_after_minutes
    from time_metrics
    inner join tickets
        on tickets.ticket_id = time_metrics.ticket_id
    left join desk_targets
        on desk_targets.ticket_id = time_metrics.ticket_id
    left join targets
        on targets.setting_name
            = concat('first_reply_target_minutes__', time_metrics.priority_at_first_reply)
),

-- A target that still runs is neither met nor missed. Who is helped in time without a reply was
-- not kept waiting.
final as (
    select
        sla.ticket_id,
        sla.first_reply_target_minutes,
        case
            when sla.replied_after_minutes <= sla.first_reply_target_minutes then true
            when sla.replied_after_minutes > sla.first_reply_target_minutes then false
            when sla.solved_after_minutes <= sla.first_reply_target_minutes then true
            when sla.waited_minutes > sla.first_reply_target_minutes then false
        end as is_first_reply_in_time,
        case
            when sla.solved_at <= sla.due_at then true
            when sla.solved_at > sla.due_at then false
            when sla.due_at < {{ end_of_data() }} then false
        end as is_resolved_in_time
    from sla
    cross join run_parameters
)

select * from final
