-- Grain: one row per metric
{%- set areas = [
    'customers', 'impact', 'lifecycle', 'lifetime_value', 'programmes', 'revenue', 'risk',
    'satisfaction', 'service',
] %}
with

registered as (
    {% for area in areas %}
    select '{{ area }}' as area, metrics_{{ area }}.* from {{ ref('metrics_' ~ area) }}
        as metrics_{{ area }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
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
