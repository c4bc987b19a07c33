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
