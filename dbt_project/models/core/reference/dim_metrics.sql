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

final as (
    select
        metric_id,
        metric_name,
        area,
        table_name,
        column_name,
        formula,
        numerator,
        denominator,
        unit,
        grain,
        version,
        owner,
        source
    from registered
)

select * from final
