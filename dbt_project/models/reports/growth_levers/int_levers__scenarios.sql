-- Grain: one row per lever, the customer-months it would gain in twelve months
{{ config(materialized='view') }}
with

baseline as (select * from {{ ref('int_levers__baseline') }}),

steps as (select * from {{ ref('int_levers__experience_shift') }}),

-- The share lost a month, before and after: at the estimate and at the ends of its interval. Low
-- retention is high loss.
loss_rates as (
    select
        'retention_5_percent_up' as lever,
        baseline.*,
        1 - power(retention_rate, 1.0 / 12) as loss_rate,
        1 - power(retention_rate_high, 1.0 / 12) as loss_rate_low,
        1 - power(retention_rate_low, 1.0 / 12) as loss_rate_high,
        1 - power(least(1.0, 1.05 * retention_rate), 1.0 / 12) as changed_loss_rate,
        1 - power(least(1.0, 1.05 * retention_rate_high), 1.0 / 12) as changed_loss_rate_low,
        1 - power(least(1.0, 1.05 * retention_rate_low), 1.0 / 12) as changed_loss_rate_high
    from baseline

    union all

    select
        'monthly_churn_1_point_down' as lever,
        baseline.*,
        monthly_churn_rate as loss_rate,
        monthly_churn_rate_low as loss_rate_low,
        monthly_churn_rate_high as loss_rate_high,
        greatest(0.0, monthly_churn_rate - 0.01) as changed_loss_rate,
        greatest(0.0, monthly_churn_rate_low - 0.01) as changed_loss_rate_low,
        greatest(0.0, monthly_churn_rate_high - 0.01) as changed_loss_rate_high
    from baseline
),

retention as (
    select
        *,
        round(active_customer_count * (
            {{ months_served('changed_loss_rate', 12) }}
            - {{ months_served('loss_rate', 12) }}
        ), 8) as months_gained,
        round(active_customer_count * (
            {{ months_served('changed_loss_rate_low', 12) }}
            - {{ months_served('loss_rate_low', 12) }}
        ), 8) as months_gained_low,
        round(active_customer_count * (
            {{ months_served('changed_loss_rate_high', 12) }}
            - {{ months_served('loss_rate_high', 12) }}
        ), 8) as months_gained_high
    from loss_rates
),

final as (
    select
        lever,
        cast(null as {{ dbt.type_string() }}) as signal,
        cast(null as {{ dbt.type_string() }}) as from_bucket,
        cast(null as {{ dbt.type_string() }}) as to_bucket,
        case when lever = 'retention_5_percent_up' then retention_rate else loss_rate end
            as baseline_value,
        case when lever = 'retention_5_percent_up'
            then {{ settled('least(1.0, 1.05 * retention_rate)') }}
            else changed_loss_rate end as changed_value,
        cast(case when lever = 'retention_5_percent_up' and retention_customer_count > 0
            then retention_customer_count else active_month_count end as bigint) as n,
        cast(null as bigint) as from_active_count,
        cast(null as bigint) as to_active_count,
        cast(active_customer_count as double) as moved_customer_count,
        cast(12 as double) as months_counted,
        cast(null as double) as churn_rate,
        cast(null as double) as churn_rate_low,
        cast(null as double) as churn_rate_high,
        cast(null as double) as risk_ratio,
        cast(null as double) as risk_ratio_low,
        cast(null as double) as risk_ratio_high,
        active_customer_count * (power(1 - changed_loss_rate, 12) - power(1 - loss_rate, 12))
            as kept_customer_count,
        months_gained,
        months_gained_low as gained_at_low_churn,
        months_gained_high as gained_at_high_churn,
        months_gained as gained_at_low_ratio,
        months_gained as gained_at_high_ratio,
        cast(null as {{ dbt.type_string() }}) as ratio_not_known_reason,
        cast(null as double) as support_saved,
        cast(null as double) as support_saved_half_width
    from retention

    union all

    select
        case
            when signal = 'nps' then 'nps_10_points_up'
            when signal = 'ces' then 'low_effort_share_10_points_up'
            when signal = 'contact_effort' then 'low_contact_effort_share_10_points_up'
            else concat('first_reply_faster_than_', from_bucket)
        end as lever,
        signal,
        from_bucket,
        to_bucket,
        baseline_value,
        changed_value,
        customer_count as n,
        from_active_count,
        to_active_count,
        moved_customer_count,
        months_counted,
        churn_rate,
        churn_rate_low,
        churn_rate_high,
        risk_ratio,
        risk_ratio_low,
        risk_ratio_high,
        moved_customer_count * churn_rate * (1 - risk_ratio) as kept_customer_count,
        round(moved_customer_count * months_counted * churn_rate
            * (1 - risk_ratio), 8) as months_gained,
        round(moved_customer_count * months_counted * churn_rate_low
            * (1 - risk_ratio), 8) as gained_at_low_churn,
        round(moved_customer_count * months_counted * churn_rate_high
            * (1 - risk_ratio), 8) as gained_at_high_churn,
        round(moved_customer_count * months_counted * churn_rate
            * (1 - risk_ratio_low), 8) as gained_at_low_ratio,
        round(moved_customer_count * months_counted * churn_rate
            * (1 - risk_ratio_high), 8) as gained_at_high_ratio,
        ratio_not_known_reason,
        support_saved,
        support_saved_half_width
    from steps
)

select * from final
