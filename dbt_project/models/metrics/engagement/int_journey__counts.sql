-- Grain: one row per stage, touchpoint (and all of the stage) and month with a touch
{{ config(materialized='view') }}
with

touches as (select * from {{ ref('int_journey__touchpoints') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

recorded as (
    select min(business_date) as tickets_from_date
    from touches
    where source_entity = 'tickets'
),

levels as (
    select true as is_touchpoint
    union all
    select false as is_touchpoint
),

-- What follows a touch is known between the first ticket on record and the last days; a message
-- on a ticket is part of it.
flagged as (
    select
        touches.*,
        case when levels.is_touchpoint then touches.touchpoint else 'all' end as counted_touchpoint,
        touches.source_entity = 'tickets' and touches.is_known as is_ticket,
        touches.is_own
            and touches.is_known
            and touches.ticket_id is null
            and touches.business_date >= recorded.tickets_from_date
            and {{ days_between('touches.business_date', 'run_parameters.as_of_date') }}
                >= settings.journey_ticket_days as is_followable,
        {{ days_between('touches.business_date', 'touches.next_ticket_date') }}
            <= settings.journey_ticket_days as is_followed
    from touches
    cross join levels
    cross join recorded
    cross join settings
    cross join run_parameters
),

final as (
    select
        journey_stage,
        counted_touchpoint as touchpoint,
        month_date,
        count(*) as interaction_count,
        count(*) filter (where is_own) as own_interaction_count,
        count(distinct case when is_known then customer_key end) as customer_count,
        count(*) filter (where is_ticket) as ticket_count,
        count(case when is_ticket then is_repeat_contact end) as matter_known_count,
        count(*) filter (where is_ticket and is_repeat_contact) as repeat_contact_count,
        count(case when is_ticket then effort_score end) as effort_scored_count,
        {{ settled('avg(case when is_ticket then effort_score end)') }} as effort_score_mean,
        count(*) filter (where is_followable) as followable_interaction_count,
        count(*) filter (where is_followable and is_followed) as followed_by_ticket_count,
        count(is_csat_good) as csat_answer_count,
        count(*) filter (where is_csat_good) as csat_good_count,
        count(is_low_effort) as ces_answer_count,
        count(*) filter (where is_low_effort) as ces_low_effort_count
    from flagged
    group by 1, 2, 3
)

select * from final
