-- Grain: one row per segmentation, segment, closed month or quarter and reason
with

customer_periods as (select * from {{ ref('int_churn__by_customer_period') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

-- The segment as it was when the period began, so that a later label does not move past churn.
segmented as (
    select
        customer_periods.*,
        memberships.segmentation,
        memberships.segment
    from customer_periods
    inner join memberships
        on memberships.customer_key = customer_periods.customer_key
        and memberships.valid_from_date <= customer_periods.period_date
        and memberships.valid_to_date > customer_periods.period_date
    where customer_periods.is_lost
),

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
        {{ ratio('lost_count', 'sum(lost_count) over segment_period') }} as lost_share_rate
    from counted
    window segment_period as (partition by segmentation, segment, period_kind, period_date)
)

select * from final
