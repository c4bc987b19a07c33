-- Grain: one row per channel and month: the tickets opened in it, and the support cost of it
{%- set shares = {
    'answered': 'reply_known', 'solved': 'ticket', 'reopened': 'once_solved',
    'one_touch': 'touch_known', 'handed_off': 'handoff_known',
    'channel_switched': 'channel_switch_known', 'repeat_contact': 'matter_known',
} %}
{%- set opinions = {
    'csat': ('opened.csat_good_count', 'opened.csat_answer_count'),
    'low_effort': ('opened.low_effort_count', 'opened.ces_answer_count'),
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
        cast(opened.reply_mean_calendar as double) as first_reply_mean_calendar_minutes,
        cast(opened.reply_p90_calendar as double) as first_reply_p90_calendar_minutes,
        cast(opened.reply_mean_business as double) as first_reply_mean_business_minutes,
        cast(opened.reply_median_business as double) as first_reply_median_business_minutes,
        cast(opened.reply_p90_business as double) as first_reply_p90_business_minutes,
        cast(opened.resolution_median_calendar as double)
            as full_resolution_median_calendar_minutes,
        cast(opened.resolution_p90_calendar as double) as full_resolution_p90_calendar_minutes,
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
        {%- for promise in ['reply', 'resolution'] %}
        {%- set kept = 'opened.' ~ promise ~ '_kept_count' %}
        {%- set missed = 'opened.' ~ promise ~ '_missed_count' %}
        coalesce(opened.{{ promise }}_promised_count, 0) as {{ promise }}_promised_count,
        coalesce({{ kept }}, 0) as {{ promise }}_promise_kept_count,
        coalesce({{ missed }}, 0) as {{ promise }}_promise_missed_count,
        {{ ratio(kept, kept ~ ' + ' ~ missed) }} as {{ promise }}_promise_kept_rate,
        {%- endfor %}
        {%- for waiting in ['known', 'solved', 'unsolved'] %}
        coalesce(opened.wait_{{ waiting }}_count, 0) as wait_{{ waiting }}_count,
        {%- endfor %}
        {%- for party in ['requester', 'agent'] %}
        {%- for clock in ['calendar', 'business'] %}
        cast(opened.{{ party }}_wait_mean_{{ clock }} as double)
            as {{ party }}_wait_mean_{{ clock }}_minutes,
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
