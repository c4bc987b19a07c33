-- Grain: one row per stage, touchpoint (and all of the stage) and month with a touch
with

counted as (select * from {{ ref('int_journey__counts') }}),

entered as (select * from {{ ref('int_journey__stage_entries') }}),

stages as (select * from {{ ref('journey_stages') }}),

levels as (
    select true as is_touchpoint
    union all
    select false as is_touchpoint
),

entries as (
    select
        entered.journey_stage,
        case when levels.is_touchpoint then entered.touchpoint else 'all' end as touchpoint,
        entered.month_date,
        count(*) as entered_count,
        count(*) filter (where entered.is_observable) as observable_count,
        count(*) filter (where entered.is_converted) as converted_count,
        -- Who did not move on stays longer than anybody who did.
        percentile_disc(0.5) within group (
            order by coalesce(entered.days_in_stage, 1000000)
        ) filter (where entered.is_observable) as median_days
    from entered
    cross join levels
    group by 1, 2, 3
),

final as (
    select
        counted.journey_stage,
        cast(stages.stage_order as int) as stage_order,
        stages.is_in_sequence,
        case when stages.is_in_sequence then coalesce(stages.conversion_basis, 'later_stage') end
            as conversion_basis,
        coalesce(stages.is_survivorship_biased, false) as is_survivorship_biased,
        counted.touchpoint,
        counted.month_date,
        counted.interaction_count,
        counted.own_interaction_count,
        counted.customer_count,
        coalesce(entries.entered_count, 0) as entered_count,
        coalesce(entries.observable_count, 0) as observable_count,
        coalesce(entries.converted_count, 0) as converted_count,
        coalesce(entries.observable_count - entries.converted_count, 0) as dropped_count,
        {{ ratio('entries.converted_count', 'entries.observable_count') }} as conversion_rate,
        {{ ratio('entries.observable_count - entries.converted_count',
            'entries.observable_count') }} as drop_off_rate,
        case when entries.median_days < 1000000 then cast(entries.median_days as int) end
            as median_days_in_stage,
        counted.ticket_count,
        counted.matter_known_count,
        counted.repeat_contact_count,
        {{ ratio('counted.repeat_contact_count', 'counted.matter_known_count') }}
            as repeat_contact_rate,
        counted.effort_scored_count,
        counted.effort_score_mean,
        counted.followable_interaction_count,
        counted.followed_by_ticket_count,
        {{ ratio('counted.followed_by_ticket_count', 'counted.followable_interaction_count') }}
            as followed_by_ticket_rate,
        counted.csat_answer_count,
        counted.csat_good_count,
        {{ ratio('counted.csat_good_count', 'counted.csat_answer_count') }} as csat_rate,
        counted.ces_answer_count,
        counted.ces_low_effort_count,
        {{ ratio('counted.ces_low_effort_count', 'counted.ces_answer_count') }}
            as ces_low_effort_rate
    from counted
    inner join stages
        on stages.journey_stage = counted.journey_stage
    left join entries
        on entries.journey_stage = counted.journey_stage
        and entries.touchpoint = counted.touchpoint
        and entries.month_date = counted.month_date
)

select * from final
