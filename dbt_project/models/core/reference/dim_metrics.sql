-- Grain: one row per metric
with

registered as (
    select 'customers' as area, metrics.* from {{ ref('metrics_customers') }} as metrics
    union all
    select 'impact' as area, metrics.* from {{ ref('metrics_impact') }} as metrics
    union all
    select 'lifecycle' as area, metrics.* from {{ ref('metrics_lifecycle') }} as metrics
    union all
    select 'lifetime_value' as area, metrics.* from {{ ref('metrics_lifetime_value') }} as metrics
    union all
    select 'programmes' as area, metrics.* from {{ ref('metrics_programmes') }} as metrics
    union all
    select 'revenue' as area, metrics.* from {{ ref('metrics_revenue') }} as metrics
    union all
    select 'risk' as area, metrics.* from {{ ref('metrics_risk') }} as metrics
    union all
    select 'satisfaction' as area, metrics.* from {{ ref('metrics_satisfaction') }} as metrics
    union all
    select 'service' as area, metrics.* from {{ ref('metrics_service') }} as metrics
),

definitions as (select * from {{ ref('metric_definitions') }}),

final as (
    select
        registered.metric_id,
        registered.metric_name,
        registered.area,
        registered.table_name,
        registered.column_name,
        coalesce(definitions.definition, registered.formula) as definition,
        registered.formula,
        registered.numerator,
        registered.denominator,
        registered.unit,
        registered.grain,
        registered.version,
        registered.owner,
        registered.source
    from registered
    left join definitions
        on definitions.column_name = registered.column_name
)

select * from final
