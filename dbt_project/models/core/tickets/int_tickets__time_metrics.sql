-- Grain: one row per ticket, its times by events or by the tool's totals, and its touch class
{%- set measures = [
    'first_reply', 'first_resolution', 'full_resolution', 'requester_wait', 'agent_wait', 'on_hold',
] %}
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

milestones as (select * from {{ ref('int_tickets__milestones') }}),

durations as (select * from {{ ref('int_tickets__durations') }}),

-- A tool's own total stands where it gives no events; what it leaves out is worked out from the
-- turning points it names.
final as (
    select
        milestones.*
        {%- for measure in measures %}
        {%- for minutes in [measure ~ '_calendar_minutes', measure ~ '_business_minutes'] %},
        case
            {%- if measure == 'full_resolution' %}
            when not milestones.is_solved then null
            {%- endif %}
            when milestones.totals_basis = 'events' then durations.{{ minutes }}
            else coalesce(tickets.{{ minutes }}, durations.{{ minutes }})
        end as {{ minutes }}
        {%- endfor %}
        {%- endfor %},
        durations.unanswered_calendar_minutes,
        durations.unanswered_business_minutes,
        durations.unresolved_calendar_minutes,
        durations.unresolved_business_minutes,
        case
            when not milestones.is_solved then 'unsolved'
            when milestones.public_reply_count = 0 then 'no_reply_solved'
            when milestones.public_reply_count = 1 then 'one_touch'
            when milestones.public_reply_count > 1 then 'multi_touch'
        end as touch_class
    from milestones
    inner join tickets
        on tickets.ticket_id = milestones.ticket_id
    left join durations
        on durations.ticket_id = milestones.ticket_id
)

select * from final
