-- Grain: one row per support ticket or conversation
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

time_metrics as (select * from {{ ref('int_tickets__time_metrics') }}),

sla_attainment as (select * from {{ ref('int_tickets__sla_attainment') }}),

survey_scores as (select * from {{ ref('int_tickets__survey_scores') }}),

ticket_customers as (select * from {{ ref('int_tickets__customers') }}),

repeat_contacts as (select * from {{ ref('int_tickets__repeat_contacts') }}),

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
        ticket_customers.customer_key,
        tickets.source_system,
        time_metrics.totals_basis,
        ticket_customers.created_at,
        ticket_customers.opened_date,
        ticket_customers.month_date,
        ticket_customers.channel,
        tickets.ticket_type,
        tickets.priority,
        time_metrics.priority_at_creation,
        time_metrics.priority_at_first_reply,
        time_metrics.status,
        tickets.product,
        tickets.language,
        tickets.group_name,
        tickets.is_escalated,
        time_metrics.first_reply_at,
        time_metrics.first_solved_at,
        time_metrics.solved_at,
        time_metrics.closed_at,
        tickets.due_at,
        time_metrics.is_solved,
        time_metrics.is_outbound,
        time_metrics.first_reply_calendar_minutes as first_reply_time_calendar_minutes,
        time_metrics.first_reply_business_minutes as first_reply_time_business_minutes,
        time_metrics.unanswered_calendar_minutes,
        time_metrics.unanswered_business_minutes,
        time_metrics.unresolved_calendar_minutes,
        time_metrics.unresolved_business_minutes,
        time_metrics.first_resolution_calendar_minutes,
        time_metrics.first_resolution_business_minutes,
        time_metrics.full_resolution_calendar_minutes,
        time_metrics.full_resolution_business_minutes,
        time_metrics.requester_wait_calendar_minutes as requester_wait_time_in_calendar_minutes,
        time_metrics.requester_wait_business_minutes as requester_wait_time_in_business_minutes,
        time_metrics.agent_wait_calendar_minutes as agent_wait_time_in_calendar_minutes,
        time_metrics.agent_wait_business_minutes as agent_wait_time_in_business_minutes,
        time_metrics.on_hold_calendar_minutes as on_hold_time_in_calendar_minutes,
        time_metrics.on_hold_business_minutes as on_hold_time_in_business_minutes,
        time_metrics.public_reply_count,
        time_metrics.reopen_count,
        time_metrics.handoff_count,
        time_metrics.channel_switch_count,
        time_metrics.handle_minutes,
        time_metrics.touch_class,
        case
            when time_metrics.touch_class <> 'unsolved'
                then time_metrics.touch_class = 'one_touch'
        end as is_one_touch_resolution,
        sla_attainment.first_reply_target_minutes,
        sla_attainment.is_first_reply_in_time,
        sla_attainment.is_resolved_in_time,
        survey_scores.csat_score_normalised,
        survey_scores.is_csat_good,
        survey_scores.ces_score_normalised,
        survey_scores.is_low_effort,
        repeat_contacts.matter,
        repeat_contacts.matter_basis,
        effort.is_repeat_contact,
        effort.is_generic_answer,
        effort.effort_score,
        effort.effort_coverage_rate,
        costs.support_cost_amount,
        ticket_customers.is_before_signup
    from tickets
    inner join ticket_customers
        on ticket_customers.ticket_id = tickets.ticket_id
    inner join repeat_contacts
        on repeat_contacts.ticket_id = tickets.ticket_id
    inner join effort
        on effort.ticket_id = tickets.ticket_id
    inner join time_metrics
        on time_metrics.ticket_id = tickets.ticket_id
    inner join sla_attainment
        on sla_attainment.ticket_id = tickets.ticket_id
    left join survey_scores
        on survey_scores.ticket_id = tickets.ticket_id
    left join costs
        on costs.ticket_id = tickets.ticket_id
)

select * from final
