-- Segments by which a table divides its numbers are rows of dim_segments.
{%- set tables = [
    'fct_segment_roi', 'fct_churn', 'fct_segment_satisfaction', 'fct_revenue_retention',
    'fct_renewals',
] %}
with

segments as (select * from {{ ref('dim_segments') }}),

used as (
    {% for table in tables %}
    select '{{ table }}' as table_name, segmentation, segment
    from {{ ref(table) }}
    group by 1, 2, 3
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    used.table_name,
    used.segmentation,
    used.segment
from used
left join segments
    on segments.segmentation = used.segmentation
    and segments.segment = used.segment
where segments.segment is null
