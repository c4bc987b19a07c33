-- Grain: one row per segmentation, segment, period kind, closed period and metric
{%- set keys = ['segmentation', 'segment', 'period_kind'] %}
with

estimated as (select * from {{ ref('int_segment_metrics__estimates') }}),

rated as (select * from {{ ref('int_segments__metrics') }}),

churn as (select * from {{ ref('fct_churn') }}),

settings as (
    select {{ setting('rate_minimum_customers', 'int') }} as minimum_count
    from {{ ref('analyst_settings') }}
),

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
    from estimated
),

-- Why a period is not to be compared with the one before.
conditions as (
    select
        rated.segmentation,
        rated.segment,
        rated.period_kind,
        rated.period_date,
        rated.previous_period_date,
        rated.support_cost_unknown_customer_month_count > 0
            and rated.is_support_cost_recorded as is_support_cost_missing,
        coalesce(churn.is_comparable, true) as is_rule_unchanged
    from rated
    left join churn
        on churn.segmentation = rated.segmentation
        and churn.segment = rated.segment
        and churn.period_kind = rated.period_kind
        and churn.period_date = rated.period_date
),

compared as (
    select
        bounded.*,
        previous.value as previous_value,
        previous.unit_count as previous_unit_count,
        bounded.value - previous.value as change,
        case
            when previous.value is null or bounded.value is null then null
            when not conditions.is_rule_unchanged and bounded.metric_name in (
                'churn_rate', 'simple_clv', 'net_revenue_per_customer',
                'gross_margin_per_customer', 'support_cost_per_customer',
                'margin_per_active_month', 'active_days_per_customer'
            ) then 'activity_rule_changed'
            when conditions.is_support_cost_missing and bounded.metric_name = 'historic_clv'
                then 'support_cost_unknown'
        end as not_comparable_reason
        {%- for name, side in {'low': -1, 'high': 1}.items() %},
        case when bounded.method <> 'ratio_of_sums'
            then {{ newcombe_bound('bounded', 'previous', side) }}
            else {{ welch_bound('bounded.value - previous.value', 'bounded.squared_error',
                'bounded.unit_count', 'previous.squared_error', 'previous.unit_count', side) }}
        end as change_{{ name }}
        {%- endfor %}
    from bounded
    inner join conditions
        on {{ same('conditions', 'bounded', keys) }}
        and conditions.period_date = bounded.period_date
    left join bounded as previous
        on {{ same('previous', 'bounded', keys + ['metric_name']) }}
        and previous.period_date = conditions.previous_period_date
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
        {%- for column in ['change', 'change_low', 'change_high'] %}
        case when not_comparable_reason is null then {{ settled(column) }} end as {{ column }},
        {%- endfor %}
        -- Few customers with a few large among them vary more than their spread shows.
        case
            when not_comparable_reason is not null then null
            when change = 0 then false
            when method = 'share' or least(unit_count, previous_unit_count) >= minimum_count
                then change_low > 0 or change_high < 0
        end as is_significant,
        method
    from compared
    cross join settings
)

select * from final
