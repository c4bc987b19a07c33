-- Grain: one row per channel and month, the tickets opened in it
{{ config(materialized='view') }}
with

tickets as (select * from {{ ref('fct_tickets') }}),

final as (
    select
        coalesce(channel, 'unknown') as channel,
        month_date,
        count(*) as ticket_count,
        count(*) filter (
            where first_reply_at is not null or unanswered_calendar_minutes is not null
        ) as reply_known_count,
        count(*) filter (where first_reply_at is not null) as replied_ticket_count,
        avg(first_reply_time_calendar_minutes) as reply_mean_calendar,
        {{ quantile('first_reply_time_calendar_minutes', 0.9) }} as reply_p90_calendar,
        avg(first_reply_time_business_minutes) as reply_mean_business,
        {{ quantile('first_reply_time_business_minutes', 0.5) }} as reply_median_business,
        {{ quantile('first_reply_time_business_minutes', 0.9) }} as reply_p90_business,
        count(first_reply_target_minutes) as first_reply_sla_count,
        count(*) filter (where is_first_reply_in_time) as first_reply_sla_met_count,
        count(*) filter (where not is_first_reply_in_time) as first_reply_sla_breached_count,
        count(due_at) as resolution_sla_count,
        count(*) filter (where is_resolved_in_time) as resolution_sla_met_count,
        count(*) filter (where not is_resolved_in_time) as resolution_sla_breached_count,
        count(*) filter (where is_solved) as solved_count,
        {{ quantile('full_resolution_calendar_minutes', 0.5) }} as resolution_median_calendar,
        {{ quantile('full_resolution_calendar_minutes', 0.9) }} as resolution_p90_calendar,
        count(*) filter (where first_solved_at is not null and reopen_count is not null)
            as once_solved_count,
        count(*) filter (where first_solved_at is not null and reopen_count > 0)
            as reopened_count,
        count(*) filter (where is_one_touch_resolution is not null and touch_class is not null)
            as touch_known_count,
        count(*) filter (where is_one_touch_resolution) as one_touch_count,
        avg(requester_wait_time_in_calendar_minutes) filter (where is_solved)
            as requester_wait_mean_calendar,
        avg(requester_wait_time_in_business_minutes) filter (where is_solved)
            as requester_wait_mean_business,
        avg(agent_wait_time_in_calendar_minutes) filter (where is_solved)
            as agent_wait_mean_calendar,
        avg(agent_wait_time_in_business_minutes) filter (where is_solved)
            as agent_wait_mean_business,
        count(requester_wait_time_in_calendar_minutes) as wait_known_count,
        count(requester_wait_time_in_calendar_minutes) filter (where is_solved)
            as wait_solved_count,
        count(requester_wait_time_in_calendar_minutes) filter (where not is_solved)
            as wait_unsolved_count,
        count(handoff_count) as handoff_known_count,
        count(*) filter (where handoff_count > 0) as handed_off_count,
        count(channel_switch_count) as channel_switch_known_count,
        count(*) filter (where channel_switch_count > 0) as channel_switched_count,
        count(is_repeat_contact) as matter_known_count,
        count(*) filter (where is_repeat_contact) as repeat_contact_count,
        count(effort_score) as effort_scored_count,
        avg(effort_score) as effort_score_mean,
        count(*) filter (where is_csat_good is not null) as csat_ticket_count,
        count(*) filter (where is_csat_good) as csat_good_ticket_count,
        count(*) filter (where is_low_effort is not null) as ces_ticket_count,
        count(*) filter (where is_low_effort) as ces_low_effort_ticket_count
    from tickets
    group by 1, 2
)

select * from final
