-- fct_segment_roi and fct_churn count the same losses of the same customers.
with

segments as (select * from {{ ref('fct_segment_roi') }}),

churn as (select * from {{ ref('fct_churn') }})

select
    segments.segmentation,
    segments.segment,
    segments.period_kind,
    segments.period_date,
    segments.lost_count,
    churn.lost_count as churn_lost_count
from segments
left join churn
    on churn.segmentation = segments.segmentation
    and churn.segment = segments.segment
    and churn.period_kind = segments.period_kind
    and churn.period_date = segments.period_date
-- A segment in which nobody was active has no line in fct_churn.
where segments.customers_at_start_count <> coalesce(churn.customers_at_start_count, 0)
    or segments.lost_count <> coalesce(churn.lost_count, 0)
    or segments.new_count <> coalesce(churn.new_count, 0)
    or segments.customers_at_end_count <> coalesce(churn.customers_at_end_count, 0)
