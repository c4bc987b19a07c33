-- Grain: one row per stage, touchpoint (and all of the stage) and month with a touch
with

counts as (select * from {{ ref('int_journey__counts') }}),

stage_entries as (select * from {{ ref('int_journey__stage_entries') }}),

stages as (select * from {{ ref('journey_stages') }}),

levels as (
    select true as is_touchpoint
    union all
    select false as is_touchpoint
),

entries as (
    select
        stage_entries.journey_stage,
        case when levels.is_touchpoint then stage_entries.touchpoint else 'all' end as touchpoint,
        stage_entries.month_date,
        count(*) as entered_count,
        count(*) filter (where stage_entries.is_observable) as observable_count,
        count(*) filter (where stage_entries.is_converted) as converted_count,
        -- Who did not move on stays longer than anybody who did.
        percentile_disc(0.5) within group (
            order by coalesce(stage_entries.days_in_stage, 1000000)
        ) filter (where stage_entries.is_observable) as median_days
    from stage_entries
    cross join levels
    group by 1, 2, 3
),

final as (
    select
        counts.journey_stage,
        cast(stages.stage_order as int) as stage_order,
        stages.is_in_sequence,
        case when stages.is_in_sequence then coalesce(stages.conversion_basis, 'later_stage') end
            as conversion_basis,
        coalesce(stages.is_survivorship_biased, false) as is_survivorship_biased,
        counts.touchpoint,
        counts.month_date,
        counts.interaction_count,
        counts.own_interaction_count,
        counts.customer_count,
        coalesce(entries.entered_count, 0) as entered_count,
        coalesce(entries.observable_count, 0) as observable_count,
        coalesce(entries.converted_count, 0) as converted_count,
        coalesce(entries.observable_count - entries.converted_count, 0) as dropped_count,
        {{ ratio('entries.converted_count', 'entries.observable_count') }} as conversion_rate,
        {{ ratio('entries.observable_count - entries.converted_count',
            'entries.observable_count') }} as drop_off_rate,
        case when entries.median_days < 1000000 then cast(entries.median_days as int) end
            as median_days_in_stage,
        counts.ticket_count,
        counts.matter_known_count,
        counts.repeat_contact_count,
        {{ ratio('counts.repeat_contact_count', 'counts.matter_known_count') }}
            as repeat_contact_rate,
        counts.effort_scored_count,
        counts.effort_score_mean,
        counts.followable_interaction_count,
        counts.followed_by_ticket_count,
        {{ ratio('counts.followed_by_ticket_count', 'counts.followable_interaction_count') }}
            as followed_by_ticket_rate,
        counts.csat_answer_count,
        counts.csat_good_count,
        {{ ratio('counts.csat_good_count', 'counts.csat_answer_count') }} as csat_rate,
        counts.ces_answer_count,
        counts.ces_low_effort_count,
        {{ ratio('counts.ces_low_effort_count', 'counts.ces_answer_count') }}
            as ces_low_effort_rate
    from counts
    inner join stages
        on stages.journey_stage = counts.journey_stage
    left join entries
        on entries.journey_stage = counts.journey_stage
        and entries.touchpoint = counts.touchpoint
        and entries.month_date = counts.month_date
)

select * from final
