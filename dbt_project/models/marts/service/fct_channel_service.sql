-- Grain: one row per channel and month: the tickets opened in it, and the support cost of it
with

opened as (select * from {{ ref('int_channel_service__opened') }}),

survival as (select * from {{ ref('int_channel_replies__survival') }}),

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
        coalesce(opened.reply_known_count, 0) as reply_known_count,
        coalesce(opened.answered_count, 0) as answered_count,
        {{ ratio('opened.answered_count', 'opened.reply_known_count') }} as answered_rate,
        cast(opened.reply_mean_calendar as double) as first_reply_mean_calendar_minutes,
        cast(survival.median_minutes as double) as first_reply_survival_median_calendar_minutes,
        cast(opened.reply_p90_calendar as double) as first_reply_p90_calendar_minutes,
        cast(opened.reply_mean_business as double) as first_reply_mean_business_minutes,
        cast(opened.reply_median_business as double) as first_reply_median_business_minutes,
        cast(opened.reply_p90_business as double) as first_reply_p90_business_minutes,
        coalesce(opened.reply_kept_count, 0) as reply_promise_kept_count,
        coalesce(opened.reply_missed_count, 0) as reply_promise_missed_count,
        {{ ratio(
            'opened.reply_kept_count', 'opened.reply_kept_count + opened.reply_missed_count'
        ) }} as reply_promise_kept_rate,
        coalesce(opened.resolution_kept_count, 0) as resolution_promise_kept_count,
        coalesce(opened.resolution_missed_count, 0) as resolution_promise_missed_count,
        {{ ratio(
            'opened.resolution_kept_count',
            'opened.resolution_kept_count + opened.resolution_missed_count'
        ) }} as resolution_promise_kept_rate,
        coalesce(opened.solved_count, 0) as solved_count,
        {{ ratio('opened.solved_count', 'opened.ticket_count') }} as solved_rate,
        cast(opened.resolution_median_calendar as double)
            as full_resolution_median_calendar_minutes,
        cast(opened.resolution_p90_calendar as double) as full_resolution_p90_calendar_minutes,
        coalesce(opened.once_solved_count, 0) as once_solved_count,
        coalesce(opened.reopened_count, 0) as reopened_count,
        {{ ratio('opened.reopened_count', 'opened.once_solved_count') }} as reopened_rate,
        coalesce(opened.touch_known_count, 0) as touch_known_count,
        coalesce(opened.one_touch_count, 0) as one_touch_count,
        {{ ratio('opened.one_touch_count', 'opened.touch_known_count') }} as one_touch_rate,
        coalesce(opened.csat_answer_count, 0) as csat_answer_count,
        coalesce(opened.csat_good_count, 0) as csat_good_count,
        {{ ratio('opened.csat_good_count', 'opened.csat_answer_count') }} as csat_rate,
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
