-- Grain: one row per channel and month: the tickets opened in it, and the support cost of it
{%- set shares = {
    'solved': 'ticket', 'reopened': 'once_solved',
    'one_touch': 'touch_known', 'handed_off': 'handoff_known',
    'channel_switched': 'channel_switch_known', 'repeat_contact': 'matter_known',
} %}
{%- set opinions = {
    'ticket_csat': ('opened.csat_good_ticket_count', 'opened.csat_ticket_count'),
    'ticket_ces_low_effort': ('opened.ces_low_effort_ticket_count', 'opened.ces_ticket_count'),
} %}
with

opened as (select * from {{ ref('int_channel_service__counts') }}),

survival as (select * from {{ ref('int_channel_times__kaplan_meier') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

costs as (select * from {{ ref('int_support_costs__by_ticket') }}),

incurred as (
    select
        case
            when costs.ticket_id = 'unallocated' then 'unallocated'
            else coalesce(tickets.channel, 'unknown')
        end as channel,
        costs.month_date,
        count(*) filter (where costs.ticket_id <> 'unallocated') as costed_ticket_count,
        {{ money('sum(costs.support_cost_amount)') }} as support_cost_amount
    from costs
    left join tickets
        on tickets.ticket_id = costs.ticket_id
    group by 1, 2
),

keys as (
    select channel, month_date from opened
    union
    select channel, month_date from incurred
),

final as (
    select
        keys.channel,
        keys.month_date,
        coalesce(opened.ticket_count, 0) as ticket_count,
        -- What is counted of what could be counted: the rate is its share.
        {%- for event, known in shares.items() %}
        coalesce(opened.{{ event }}_count, 0) as {{ event }}_count,
        {%- if known != 'ticket' %}
        coalesce(opened.{{ known }}_count, 0) as {{ known }}_count,
        {%- endif %}
        {{ ratio('opened.' ~ event ~ '_count', 'opened.' ~ known ~ '_count') }}
            as {{ event }}_rate,
        {%- endfor %}
        cast(opened.reply_mean_calendar as double) as average_first_reply_time_calendar_minutes,
        cast(opened.reply_p90_calendar as double) as p90_first_reply_time_calendar_minutes,
        cast(opened.reply_mean_business as double) as average_first_reply_time_business_minutes,
        cast(opened.reply_median_business as double) as median_first_reply_time_business_minutes,
        cast(opened.reply_p90_business as double) as p90_first_reply_time_business_minutes,
        cast(opened.resolution_median_calendar as double)
            as median_full_resolution_calendar_minutes,
        cast(opened.resolution_p90_calendar as double) as p90_full_resolution_calendar_minutes,
        coalesce(opened.replied_ticket_count, 0) as replied_ticket_count,
        coalesce(opened.reply_known_count, 0) as reply_known_count,
        {{ ratio('opened.replied_ticket_count', 'opened.reply_known_count') }} as reply_rate,
        {%- for measure in ['first_reply', 'full_resolution'] %}
        {%- for clock in ['calendar', 'business'] %}
        coalesce(survival.{{ measure }}_{{ clock }}_count, 0)
            as {{ measure }}_survival_{{ clock }}_count,
        {%- for quantile in ['median', 'p90'] %}
        cast(survival.{{ measure }}_{{ quantile }}_{{ clock }}_minutes as double)
            as {{ measure }}_survival_{{ quantile }}_{{ clock }}_minutes,
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
        {%- for promise in ['first_reply', 'resolution'] %}
        {%- set met = 'opened.' ~ promise ~ '_sla_met_count' %}
        {%- set breached = 'opened.' ~ promise ~ '_sla_breached_count' %}
        coalesce(opened.{{ promise }}_sla_count, 0) as {{ promise }}_sla_count,
        coalesce({{ met }}, 0) as {{ promise }}_sla_met_count,
        coalesce({{ breached }}, 0) as {{ promise }}_sla_breached_count,
        {{ ratio(met, met ~ ' + ' ~ breached) }} as {{ promise }}_sla_met_rate,
        {%- endfor %}
        {%- for waiting in ['known', 'solved', 'unsolved'] %}
        coalesce(opened.wait_{{ waiting }}_count, 0) as wait_{{ waiting }}_count,
        {%- endfor %}
        {%- for party in ['requester', 'agent'] %}
        {%- for clock in ['calendar', 'business'] %}
        cast(opened.{{ party }}_wait_mean_{{ clock }} as double)
            as average_{{ party }}_wait_time_in_{{ clock }}_minutes,
        {%- endfor %}
        {%- endfor %}
        coalesce(opened.effort_scored_count, 0) as effort_scored_count,
        cast(opened.effort_score_mean as double) as effort_score_mean,
        {%- for name, (hits, answers) in opinions.items() %}
        coalesce({{ answers }}, 0) as {{ answers[7:] }},
        coalesce({{ hits }}, 0) as {{ hits[7:] }},
        {{ ratio(hits, answers) }} as {{ name }}_rate,
        {{ wilson_bound(hits, answers, -1) }} as {{ name }}_rate_low,
        {{ wilson_bound(hits, answers, 1) }} as {{ name }}_rate_high,
        {%- endfor %}
        coalesce(incurred.costed_ticket_count, 0) as costed_ticket_count,
        incurred.support_cost_amount,
        {{ money('incurred.support_cost_amount / nullif(incurred.costed_ticket_count, 0)') }}
            as cost_per_ticket_amount
    from keys
    left join opened
        on opened.channel = keys.channel
        and opened.month_date = keys.month_date
    left join survival
        on survival.channel = keys.channel
        and survival.month_date = keys.month_date
    left join incurred
        on incurred.channel = keys.channel
        and incurred.month_date = keys.month_date
)

select * from final
