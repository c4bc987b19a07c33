-- Grain: one row per touch between customer and company, over all channels and tools
with

touches as (select * from {{ ref('int_touchpoints__unioned') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

dated as (
    select
        touches.*,
        cast({{ to_local('touches.occurred_at', 'run_parameters.time_zone') }} as date)
            as business_date
    from touches
    cross join run_parameters
),

final as (
    select
        source_entity,
        source_id,
        customer_key,
        occurred_at,
        business_date,
        cast(date_trunc('month', business_date) as date) as month_date,
        channel,
        interaction_kind,
        touchpoint,
        journey_stage,
        direction,
        object,
        object_category,
        ticket_id,
        duration_seconds,
        quantity
    from dated
)

select * from final
