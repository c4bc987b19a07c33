-- Grain: one row per support ticket or conversation
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

measured as (select * from {{ ref('int_tickets__measured') }}),

promised as (select * from {{ ref('int_tickets__promised') }}),

rated as (select * from {{ ref('int_tickets__rated') }}),

customers as (select * from {{ ref('int_customer_references__resolved') }}),

attributed as (select * from {{ ref('int_customers__attributed') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

costs as (
    select
        ticket_id,
        {{ money('sum(support_cost_amount)') }} as support_cost_amount
    from {{ ref('int_support_costs__by_ticket') }}
    group by 1
),

joined as (
    select
        tickets.*,
        coalesce(customers.customer_key, 'unknown') as customer_key,
        cast({{ to_local('tickets.created_at', 'run_parameters.time_zone') }} as date)
            as opened_date
    from tickets
    left join customers
        on customers.reference_key = {{ reference_key('tickets') }}
    cross join run_parameters
),

final as (
    select
        joined.ticket_id,
        joined.customer_key,
        joined.source_system,
        measured.totals_basis,
        joined.created_at,
        joined.opened_date,
        cast(date_trunc('month', joined.opened_date) as date) as month_date,
        {{ normalised('joined.channel') }} as channel,
        joined.ticket_type,
        joined.priority,
        measured.priority_at_creation,
        measured.priority_at_first_reply,
        measured.status,
        joined.product,
        joined.language,
        joined.group_name,
        joined.is_escalated,
        measured.first_reply_at,
        measured.first_solved_at,
        measured.solved_at,
        joined.closed_at,
        joined.due_at,
        measured.is_solved,
        measured.first_reply_calendar_minutes as first_reply_time_calendar_minutes,
        measured.first_reply_business_minutes as first_reply_time_business_minutes,
        measured.unanswered_calendar_minutes,
        measured.unanswered_business_minutes,
        measured.first_resolution_calendar_minutes,
        measured.first_resolution_business_minutes,
        measured.full_resolution_calendar_minutes,
        measured.full_resolution_business_minutes,
        measured.requester_wait_calendar_minutes,
        measured.requester_wait_business_minutes,
        measured.agent_wait_calendar_minutes,
        measured.agent_wait_business_minutes,
        measured.on_hold_calendar_minutes,
        measured.on_hold_business_minutes,
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
        rated.satisfaction_score,
        rated.is_csat_good,
        rated.ease_score,
        rated.is_low_effort,
        costs.support_cost_amount,
        coalesce(joined.opened_date < attributed.signup_date, false) as is_before_signup
    from joined
    inner join measured
        on measured.ticket_id = joined.ticket_id
    inner join promised
        on promised.ticket_id = joined.ticket_id
    left join rated
        on rated.ticket_id = joined.ticket_id
    left join costs
        on costs.ticket_id = joined.ticket_id
    left join attributed
        on attributed.customer_key = joined.customer_key
)

select * from final
