-- Grain: one row per support ticket or conversation
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

measured as (select * from {{ ref('int_tickets__time_metrics') }}),

promised as (select * from {{ ref('int_tickets__sla_attainment') }}),

rated as (select * from {{ ref('int_tickets__survey_scores') }}),

attributed as (select * from {{ ref('int_tickets__customers') }}),

matters as (select * from {{ ref('int_tickets__repeat_contacts') }}),

effort as (select * from {{ ref('int_tickets__effort_score') }}),

costs as (
    select
        ticket_id,
        {{ money('sum(support_cost_amount)') }} as support_cost_amount
    from {{ ref('int_support_costs__by_ticket') }}
    group by 1
),

final as (
    select
        tickets.ticket_id,
        attributed.customer_key,
        tickets.source_system,
        measured.totals_basis,
        attributed.created_at,
        attributed.opened_date,
        attributed.month_date,
        attributed.channel,
        tickets.ticket_type,
        tickets.priority,
        measured.priority_at_creation,
        measured.priority_at_first_reply,
        measured.status,
        tickets.product,
        tickets.language,
        tickets.group_name,
        tickets.is_escalated,
        measured.first_reply_at,
        measured.first_solved_at,
        measured.solved_at,
        measured.closed_at,
        tickets.due_at,
        measured.is_solved,
        measured.first_reply_calendar_minutes as first_reply_time_calendar_minutes,
        measured.first_reply_business_minutes as first_reply_time_business_minutes,
        measured.unanswered_calendar_minutes,
        measured.unanswered_business_minutes,
        measured.unresolved_calendar_minutes,
        measured.unresolved_business_minutes,
        measured.first_resolution_calendar_minutes,
        measured.first_resolution_business_minutes,
        measured.full_resolution_calendar_minutes,
        measured.full_resolution_business_minutes,
        measured.requester_wait_calendar_minutes as requester_wait_time_in_calendar_minutes,
        measured.requester_wait_business_minutes as requester_wait_time_in_business_minutes,
        measured.agent_wait_calendar_minutes as agent_wait_time_in_calendar_minutes,
        measured.agent_wait_business_minutes as agent_wait_time_in_business_minutes,
        measured.on_hold_calendar_minutes as on_hold_time_in_calendar_minutes,
        measured.on_hold_business_minutes as on_hold_time_in_business_minutes,
        measured.public_reply_count,
        measured.reopen_count,
        measured.handoff_count,
        measured.channel_switch_count,
        measured.handle_minutes,
        measured.touch_class,
        case when measured.touch_class <> 'unsolved' then measured.touch_class = 'one_touch' end
            as is_one_touch_resolution,
        promised.first_reply_target_minutes,
        promised.is_first_reply_in_time,
        promised.is_resolved_in_time,
        rated.csat_score_normalised,
        rated.is_csat_good,
        rated.ces_score_normalised,
        rated.is_low_effort,
        matters.matter,
        matters.matter_basis,
        effort.is_repeat_contact,
        effort.is_generic_answer,
        effort.effort_score,
        effort.effort_coverage_rate,
        costs.support_cost_amount,
        attributed.is_before_signup
    from tickets
    inner join attributed
        on attributed.ticket_id = tickets.ticket_id
    inner join matters
        on matters.ticket_id = tickets.ticket_id
    inner join effort
        on effort.ticket_id = tickets.ticket_id
    inner join measured
        on measured.ticket_id = tickets.ticket_id
    inner join promised
        on promised.ticket_id = tickets.ticket_id
    left join rated
        on rated.ticket_id = tickets.ticket_id
    left join costs
        on costs.ticket_id = tickets.ticket_id
)

select * from final
