-- Grain: one row per lever, what pulling it could bring in twelve months
{%- set reach = interval_reach() %}
with

moved as (select * from {{ ref('int_levers__scenarios') }}),

base as (select * from {{ ref('int_levers__baseline') }}),

joined as (
    select
        moved.*,
        base.active_customer_count,
        base.monthly_churn_rate,
        base.retention_rate,
        base.retention_customer_count,
        base.contribution_a_month,
        base.contribution_error,
        base.active_customer_count * base.contribution_a_month
            * {{ months_served('(1 - power(base.retention_rate, 1.0 / 12))', 12) }}
            as usual_contribution,
        coalesce(moved.support_saved, 0) as saved,
        coalesce(moved.support_saved_half_width, 0) as saved_half_width,
        case
            when base.monthly_churn_rate is null then 'nobody_active'
            when moved.n = 0 then 'no_signals'
            when base.contribution_a_month is null then 'margin_not_known'
            else moved.ratio_not_known_reason
        end as no_effect_reason
    from moved
    cross join base
),

valued as (
    select
        *,
        case when no_effect_reason is null
            then months_gained * contribution_a_month + saved end as effect
    from joined
),

bounded as (
    select
        *
        {%- for side, end in [(-1, 'low'), (1, 'high')] %},
        {{ combined_bound('effect', [
            ('(gained_at_low_churn * contribution_a_month + saved)',
                '(gained_at_high_churn * contribution_a_month + saved)'),
            ('(gained_at_low_ratio * contribution_a_month + saved)',
                '(gained_at_high_ratio * contribution_a_month + saved)'),
            ('(effect + ' ~ reach ~ ' * months_gained * contribution_error)',
                '(effect - ' ~ reach ~ ' * months_gained * contribution_error)'),
            ('(effect + saved_half_width)', '(effect - saved_half_width)'),
        ], side) }} as effect_{{ end }}
        {%- endfor %}
    from valued
),

final as (
    select
        lever,
        signal,
        from_bucket,
        to_bucket,
        case when signal is null then 'fct_customer_months' else 'fct_experience_impact' end
            as source_table,
        case
            when signal = 'nps' then 'points'
            when lever = 'monthly_churn_1_point_down' then 'share of active customers a month'
            when signal is null then 'share of active customers over 12 months'
            else 'share of compared customers'
        end as value_unit,
        round(baseline_value, 10) as baseline_value,
        round(changed_value, 10) as changed_value,
        coalesce(n, 0) as unit_count,
        active_customer_count,
        round(moved_customer_count, 4) as moved_customer_count,
        round(monthly_churn_rate, 10) as monthly_churn_rate,
        round(retention_rate, 10) as retention_12m_rate,
        retention_customer_count,
        {{ money('contribution_a_month') }} as contribution_per_active_month_amount,
        {{ money('contribution_error') }} as contribution_per_active_month_standard_error_amount,
        round(months_counted, 6) as months_counted,
        from_active_count,
        to_active_count,
        round(churn_rate, 10) as from_churn_rate,
        round(risk_ratio, 10) as adjusted_churn_risk_ratio,
        round(risk_ratio_low, 10) as adjusted_churn_risk_ratio_low,
        round(risk_ratio_high, 10) as adjusted_churn_risk_ratio_high,
        round(kept_customer_count, 4) as kept_customer_count,
        {{ money('months_gained * contribution_a_month') }} as retained_contribution_12m_amount,
        {{ money('support_saved') }} as support_cost_saved_12m_amount,
        {{ money('effect') }} as effect_12m_amount,
        {{ money('effect_low') }} as effect_12m_low_amount,
        {{ money('effect_high') }} as effect_12m_high_amount,
        round({{ ratio('effect', 'usual_contribution') }}, 10) as effect_rate,
        round({{ ratio('effect_low', 'usual_contribution') }}, 10) as effect_rate_low,
        round({{ ratio('effect_high', 'usual_contribution') }}, 10) as effect_rate_high,
        signal is not null as is_association,
        no_effect_reason
    from bounded
)

select * from final
