-- Grain: one row per segmentation, segment, closed month or quarter and reason
with

segmented as (select * from {{ ref('int_churn__by_customer_period') }}),

counted as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        reason_category,
        voluntariness,
        count(*) as lost_count
    from segmented
    where is_lost
    group by 1, 2, 3, 4, 5, 6
),

final as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        reason_category,
        voluntariness,
        lost_count,
        {{ ratio('lost_count', 'sum(lost_count) over ('
            ~ 'partition by segmentation, segment, period_kind, period_date)') }}
            as lost_share_rate
    from counted
)

select * from final
