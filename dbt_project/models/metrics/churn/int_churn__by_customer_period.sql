-- Grain: one row per customer, closed month or quarter and segmentation
{{ config(materialized='view') }}
with

periods as (select * from {{ ref('int_customer_periods__states') }}),

segments as (select * from {{ ref('int_customer_segments__backdated') }}),

-- The segment as it was when the period began.
final as (
    select
        periods.*,
        segments.segmentation,
        segments.segment
    from periods
    inner join segments
        on segments.customer_key = periods.customer_key
        and segments.valid_from_date <= periods.period_date
        and segments.valid_to_date > periods.period_date
)

select * from final
