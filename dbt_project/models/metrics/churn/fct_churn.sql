-- Grain: one row per segmentation, segment and closed month or quarter
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
),

counted as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        count(*) filter (where is_active_at_start) as customers_at_start_count,
        count(*) filter (where is_lost) as lost_count,
        count(*) filter (where is_lost and voluntariness = 'voluntary') as lost_voluntary_count,
        count(*) filter (where is_lost and voluntariness = 'involuntary')
            as lost_involuntary_count,
        count(*) filter (where is_lost and voluntariness = 'unknown') as lost_unknown_count,
        count(*) filter (where is_new) as new_count,
        count(*) filter (where is_new and not is_active_at_end) as new_and_gone_count,
        count(*) filter (where is_active_at_end and not is_active_at_start and not is_new)
            as reactivated_count,
        count(*) filter (where is_active_at_end) as customers_at_end_count,
        count(*) filter (where is_reclassified and is_active_at_start) as reclassified_in_count,
        count(*) filter (where is_reclassified and not is_active_at_start)
            as reclassified_out_count
    from segmented
    group by 1, 2, 3, 4
),

dated as (
    select
        *,
        cast(period_date + case when period_kind = 'month' then interval 1 month
            else interval 3 month end as date) as next_period_date,
        {{ ratio('lost_count', 'customers_at_start_count') }} as churn_rate
    from counted
),

final as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        customers_at_start_count,
        lost_count,
        lost_voluntary_count,
        lost_involuntary_count,
        lost_unknown_count,
        new_count,
        new_and_gone_count,
        reactivated_count,
        customers_at_end_count,
        reclassified_in_count,
        reclassified_out_count,
        reclassified_in_count + reclassified_out_count = 0 as is_comparable,
        churn_rate,
        -- Rounded where engines begin to differ.
        round(1 - power(
            1 - churn_rate, 30.4375 / {{ days_between('period_date', 'next_period_date') }}
        ), 12) as monthly_equivalent_churn_rate,
        -- One reason that is not known makes the rate unknown: it lies between the other two.
        case when lost_unknown_count = 0
            then {{ ratio('lost_voluntary_count', 'customers_at_start_count') }}
        end as voluntary_churn_rate,
        {{ ratio('lost_voluntary_count', 'customers_at_start_count') }}
            as least_voluntary_churn_rate,
        {{ ratio('lost_voluntary_count + lost_unknown_count', 'customers_at_start_count') }}
            as most_voluntary_churn_rate,
        'lost_of_active_at_start' as churn_method
    from dated
)

select * from final
