-- Grain: one row per segmentation, segment, period kind, closed period and metric
with

estimates as (select * from {{ ref('int_segment_metrics__estimates') }}),

segments as (select * from {{ ref('int_segments__metrics') }}),

settings as (select * from {{ ref('int_settings') }}),

bounded as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        metric_name,
        method,
        value,
        unit_count,
        squared_error,
        coalesce(low, {{ welch_bound('value', 'squared_error', 'unit_count', '0', '2', -1) }})
            as low,
        coalesce(high, {{ welch_bound('value', 'squared_error', 'unit_count', '0', '2', 1) }})
            as high
    from estimates
),

compared as (
    select
        bounded.*,
        previous.value as previous_value,
        previous.unit_count as previous_unit_count,
        bounded.value - previous.value as change,
        case
            when previous.value is null or bounded.value is null then null
            when not segments.is_churn_comparable and bounded.metric_name in (
                'churn_rate', 'simple_clv', 'net_revenue_per_customer',
                'gross_margin_per_customer', 'support_cost_per_customer',
                'margin_per_active_month', 'active_days_per_customer'
            ) then 'activity_rule_changed'
            when segments.support_cost_unknown_customer_month_count > 0
                and segments.is_support_cost_recorded
                and bounded.metric_name = 'historic_clv'
                then 'support_cost_unknown'
        end as not_comparable_reason,
        -- Of two independent shares from their own bounds: Newcombe (1998), method 10.
        case
            when bounded.method <> 'ratio_of_sums'
                then bounded.value - previous.value - sqrt(
                    power(bounded.value - bounded.low, 2) + power(previous.high - previous.value, 2)
                )
            else {{ welch_bound('bounded.value - previous.value', 'bounded.squared_error',
                'bounded.unit_count', 'previous.squared_error', 'previous.unit_count', -1) }}
        end as change_low,
        case
            when bounded.method <> 'ratio_of_sums'
                then bounded.value - previous.value + sqrt(
                    power(bounded.value - bounded.high, 2) + power(previous.low - previous.value, 2)
                )
            else {{ welch_bound('bounded.value - previous.value', 'bounded.squared_error',
                'bounded.unit_count', 'previous.squared_error', 'previous.unit_count', 1) }}
        end as change_high
    from bounded
    inner join segments
        on segments.segmentation = bounded.segmentation
        and segments.segment = bounded.segment
        and segments.period_kind = bounded.period_kind
        and segments.period_date = bounded.period_date
    left join bounded as previous
        on previous.segmentation = bounded.segmentation
        and previous.segment = bounded.segment
        and previous.period_kind = bounded.period_kind
        and previous.metric_name = bounded.metric_name
        and previous.period_date = segments.previous_period_date
),

final as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        metric_name,
        {{ settled('value') }} as value,
        {{ settled('low') }} as value_low,
        {{ settled('high') }} as value_high,
        unit_count,
        {{ settled('previous_value') }} as previous_value,
        previous_unit_count,
        not_comparable_reason,
        case when not_comparable_reason is null then {{ settled('change') }} end as change,
        case when not_comparable_reason is null then {{ settled('change_low') }} end
            as change_low,
        case when not_comparable_reason is null then {{ settled('change_high') }} end
            as change_high,
        -- Few customers with a few large among them vary more than their spread shows.
        case
            when not_comparable_reason is not null then null
            when change = 0 then false
            when method = 'share'
                or least(unit_count, previous_unit_count) >= rate_minimum_customers
                then change_low > 0 or change_high < 0
        end as is_significant,
        method
    from compared
    cross join settings
)

select * from final
