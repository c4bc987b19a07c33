-- Grain: one row per ticket, its times by events or by the tool's totals, and its touch class
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

milestones as (select * from {{ ref('int_tickets__milestones') }}),

durations as (select * from {{ ref('int_tickets__durations') }}),

-- A tool's own total stands where its events do not tell the whole; what it leaves out is worked
-- out from the milestones it names, which say nothing of waits.
final as (
    select
        milestones.*,
        {%- for measure in ['first_reply', 'first_resolution'] %}
        {%- for clock in ['calendar', 'business'] %}
        case
            when milestones.totals_basis = 'events' then durations.{{ measure }}_{{ clock }}_minutes
            {%- if measure == 'first_reply' %}
            when milestones.is_outbound then null
            {%- endif %}
            else coalesce(
                tickets.{{ measure }}_{{ clock }}_minutes,
                durations.{{ measure }}_{{ clock }}_minutes
            )
        end as {{ measure }}_{{ clock }}_minutes,
        {%- endfor %}
        {%- endfor %}
        {%- for measure in ['requester_wait', 'agent_wait', 'on_hold'] %}
        {%- for clock in ['calendar', 'business'] %}
        case
            when milestones.totals_basis = 'events' then durations.{{ measure }}_{{ clock }}_minutes
            else tickets.{{ measure }}_{{ clock }}_minutes
        end as {{ measure }}_{{ clock }}_minutes,
        {%- endfor %}
        {%- endfor %}
        {%- for clock in ['calendar', 'business'] %}
        case
            when not milestones.is_solved then null
            when milestones.totals_basis = 'events'
                then durations.full_resolution_{{ clock }}_minutes
            else coalesce(
                tickets.full_resolution_{{ clock }}_minutes,
                durations.full_resolution_{{ clock }}_minutes
            )
        end as full_resolution_{{ clock }}_minutes,
        durations.unanswered_{{ clock }}_minutes,
        durations.unresolved_{{ clock }}_minutes,
        {%- endfor %}
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
