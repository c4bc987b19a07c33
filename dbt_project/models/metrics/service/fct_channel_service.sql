-- Grain: one row per channel and month: the tickets opened in it, and the support cost of it
with

opened as (select * from {{ ref('int_channel_service__counts') }}),

kaplan_meier as (select * from {{ ref('int_channel_times__kaplan_meier') }}),

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
        coalesce(opened.replied_ticket_count, 0) as replied_ticket_count,
        coalesce(opened.reply_known_count, 0) as reply_known_count,
        {{ ratio('opened.replied_ticket_count', 'opened.reply_known_count') }} as reply_rate,
        coalesce(opened.solved_count, 0) as solved_count,
        {{ ratio('opened.solved_count', 'opened.ticket_count') }} as solved_rate,
        coalesce(opened.reopened_count, 0) as reopened_count,
        coalesce(opened.once_solved_count, 0) as once_solved_count,
        {{ ratio('opened.reopened_count', 'opened.once_solved_count') }} as reopened_rate,
        coalesce(opened.one_touch_count, 0) as one_touch_count,
        coalesce(opened.touch_known_count, 0) as touch_known_count,
        {{ ratio('opened.one_touch_count', 'opened.touch_known_count') }} as one_touch_rate,
        coalesce(opened.handed_off_count, 0) as handed_off_count,
        coalesce(opened.handoff_known_count, 0) as handoff_known_count,
        {{ ratio('opened.handed_off_count', 'opened.handoff_known_count') }} as handed_off_rate,
        coalesce(opened.channel_switched_count, 0) as channel_switched_count,
        coalesce(opened.channel_switch_known_count, 0) as channel_switch_known_count,
        {{ ratio('opened.channel_switched_count', 'opened.channel_switch_known_count') }}
            as channel_switched_rate,
        coalesce(opened.repeat_contact_count, 0) as repeat_contact_count,
        coalesce(opened.matter_known_count, 0) as matter_known_count,
        {{ ratio('opened.repeat_contact_count', 'opened.matter_known_count') }}
            as repeat_contact_rate,
        cast(opened.reply_mean_calendar as double) as average_first_reply_time_calendar_minutes,
        cast(opened.reply_p90_calendar as double) as p90_first_reply_time_calendar_minutes,
        cast(opened.reply_mean_business as double) as average_first_reply_time_business_minutes,
        cast(opened.reply_median_business as double) as median_first_reply_time_business_minutes,
        cast(opened.reply_p90_business as double) as p90_first_reply_time_business_minutes,
        cast(opened.resolution_median_calendar as double)
            as median_full_resolution_calendar_minutes,
        cast(opened.resolution_p90_calendar as double) as p90_full_resolution_calendar_minutes,
        {%- for measure, clock in [
            ('first_reply', 'calendar'), ('first_reply', 'business'),
            ('full_resolution', 'calendar'), ('full_resolution', 'business'),
        ] %}
        coalesce(kaplan_meier.{{ measure }}_{{ clock }}_count, 0)
            as {{ measure }}_survival_{{ clock }}_count,
        cast(kaplan_meier.{{ measure }}_median_{{ clock }}_minutes as double)
            as {{ measure }}_survival_median_{{ clock }}_minutes,
        cast(kaplan_meier.{{ measure }}_p90_{{ clock }}_minutes as double)
            as {{ measure }}_survival_p90_{{ clock }}_minutes,
        {%- endfor %}
        coalesce(opened.first_reply_sla_count, 0) as first_reply_sla_count,
        coalesce(opened.first_reply_sla_met_count, 0) as first_reply_sla_met_count,
        coalesce(opened.first_reply_sla_breached_count, 0) as first_reply_sla_breached_count,
        {{ ratio(
            'opened.first_reply_sla_met_count',
            'opened.first_reply_sla_met_count + opened.first_reply_sla_breached_count'
        ) }} as first_reply_sla_met_rate,
        coalesce(opened.resolution_sla_count, 0) as resolution_sla_count,
        coalesce(opened.resolution_sla_met_count, 0) as resolution_sla_met_count,
        coalesce(opened.resolution_sla_breached_count, 0) as resolution_sla_breached_count,
        {{ ratio(
            'opened.resolution_sla_met_count',
            'opened.resolution_sla_met_count + opened.resolution_sla_breached_count'
        ) }} as resolution_sla_met_rate,
        coalesce(opened.wait_known_count, 0) as wait_known_count,
        coalesce(opened.wait_solved_count, 0) as wait_solved_count,
        coalesce(opened.wait_unsolved_count, 0) as wait_unsolved_count,
        cast(opened.requester_wait_mean_calendar as double)
            as average_requester_wait_time_in_calendar_minutes,
        cast(opened.requester_wait_mean_business as double)
            as average_requester_wait_time_in_business_minutes,
        cast(opened.agent_wait_mean_calendar as double)
            as average_agent_wait_time_in_calendar_minutes,
        cast(opened.agent_wait_mean_business as double)
            as average_agent_wait_time_in_business_minutes,
        coalesce(opened.effort_scored_count, 0) as effort_scored_count,
        cast(opened.effort_score_mean as double) as effort_score_mean,
        coalesce(opened.csat_ticket_count, 0) as csat_ticket_count,
        coalesce(opened.csat_good_ticket_count, 0) as csat_good_ticket_count,
        {{ ratio('opened.csat_good_ticket_count', 'opened.csat_ticket_count') }}
            as ticket_csat_rate,
        {{ wilson_bound('opened.csat_good_ticket_count', 'opened.csat_ticket_count', -1) }}
            as ticket_csat_rate_low,
        {{ wilson_bound('opened.csat_good_ticket_count', 'opened.csat_ticket_count', 1) }}
            as ticket_csat_rate_high,
        coalesce(opened.ces_ticket_count, 0) as ces_ticket_count,
        coalesce(opened.ces_low_effort_ticket_count, 0) as ces_low_effort_ticket_count,
        {{ ratio('opened.ces_low_effort_ticket_count', 'opened.ces_ticket_count') }}
            as ticket_ces_low_effort_rate,
        {{ wilson_bound('opened.ces_low_effort_ticket_count', 'opened.ces_ticket_count', -1) }}
            as ticket_ces_low_effort_rate_low,
        {{ wilson_bound('opened.ces_low_effort_ticket_count', 'opened.ces_ticket_count', 1) }}
            as ticket_ces_low_effort_rate_high,
        coalesce(incurred.costed_ticket_count, 0) as costed_ticket_count,
        incurred.support_cost_amount,
        {{ money('incurred.support_cost_amount / nullif(incurred.costed_ticket_count, 0)') }}
            as cost_per_ticket_amount
    from keys
    left join opened
        on opened.channel = keys.channel
        and opened.month_date = keys.month_date
    left join kaplan_meier
        on kaplan_meier.channel = keys.channel
        and kaplan_meier.month_date = keys.month_date
    left join incurred
        on incurred.channel = keys.channel
        and incurred.month_date = keys.month_date
)

select * from final
