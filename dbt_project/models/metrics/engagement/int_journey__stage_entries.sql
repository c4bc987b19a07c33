-- Grain: one row per customer and stage of the journey they have entered
{{ config(materialized='view') }}
with

touches as (select * from {{ ref('int_journey__touchpoints') }}),

stages as (select * from {{ ref('journey_stages') }}),

customers as (select * from {{ ref('dim_customers') }}),

spells as (select * from {{ ref('int_customers__active_periods') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

recorded as (
    select min(business_date) as recorded_from_date
    from touches
    where source_entity = 'interactions'
),

-- The first touch on record of somebody who came before the records is no entry.
own_touches as (
    select
        touches.*,
        row_number() over (
            partition by touches.customer_key, touches.journey_stage
            order by touches.occurred_at, touches.source_entity, touches.source_id
        ) as touch_rank
    from touches
    inner join customers
        on customers.customer_key = touches.customer_key
    cross join recorded
    where touches.is_own
        and touches.is_known
        and coalesce(customers.first_seen_date >= recorded.recorded_from_date, true)
),

entries as (
    select
        own_touches.customer_key,
        own_touches.journey_stage,
        own_touches.touchpoint,
        own_touches.month_date,
        own_touches.occurred_at,
        own_touches.business_date as entered_date,
        stages.is_in_sequence,
        stages.stage_order,
        coalesce(stages.conversion_basis = 'retention', false) as is_retention_stage,
        -- The last that anybody enters: without a later one on record nobody can move on.
        stages.stage_order = max(case when stages.is_in_sequence then stages.stage_order end)
            over () as is_last_stage
    from own_touches
    inner join stages
        on stages.journey_stage = own_touches.journey_stage
    where own_touches.touch_rank = 1
),

-- The earliest entry into any later stage: who skips one has moved on all the same.
moved as (
    select
        *,
        min(case when is_in_sequence then occurred_at end) over later_stages as moved_on_at,
        min(case when is_in_sequence then entered_date end) over later_stages as moved_on_date
    from entries
    window later_stages as (
        partition by customer_key
        order by stage_order desc
        rows between unbounded preceding and 1 preceding
    )
),

-- Forward only and with a next stage; for staying, who was a customer on that day or until it.
conversions as (
    select
        moved.*,
        {{ days_between('moved.entered_date', 'moved.moved_on_date') }} as days_to_move_on,
        case
            when moved.is_retention_stage then later.customer_key is not null
            else coalesce({{ days_between('moved.entered_date', 'moved.moved_on_date') }}
                <= settings.journey_conversion_days, false)
        end as has_moved_on,
        moved.is_in_sequence
            and case
                when moved.is_retention_stage then spells.customer_key is not null
                else not moved.is_last_stage
                    and coalesce(moved.moved_on_at >= moved.occurred_at, true)
            end
            and {{ days_between('moved.entered_date', 'run_parameters.as_of_date') }}
                >= settings.journey_conversion_days as is_observable
    from moved
    cross join settings
    cross join run_parameters
    left join spells
        on spells.customer_key = moved.customer_key
        and spells.from_date <= moved.entered_date and spells.to_date >= moved.entered_date
    left join spells as later
        on later.customer_key = moved.customer_key
        and later.from_date <= moved.entered_date + settings.journey_conversion_days
        and later.to_date > moved.entered_date + settings.journey_conversion_days
),

final as (
    select
        customer_key,
        journey_stage,
        touchpoint,
        month_date,
        entered_date,
        is_observable,
        is_observable and has_moved_on as is_converted,
        case when is_observable and has_moved_on and not is_retention_stage
            then days_to_move_on end as days_in_stage
    from conversions
)

select * from final
