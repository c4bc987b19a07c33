-- Grain: one row per lever, what it could bring in twelve months
with

scenarios as (select * from {{ ref('int_levers__scenarios') }}),

baseline as (select * from {{ ref('int_levers__baseline') }}),

levers as (
    select
        scenarios.*,
        baseline.active_customer_count,
        baseline.monthly_churn_rate,
        baseline.retention_rate,
        baseline.retention_customer_count,
        baseline.contribution_a_month,
        baseline.contribution_error,
        baseline.active_customer_count * baseline.contribution_a_month
            * {{ months_served('(1 - power(baseline.retention_rate, 1.0 / 12))', 12) }}
            as usual_contribution,
        coalesce(scenarios.support_saved, 0) as saved,
        coalesce(scenarios.support_saved_half_width, 0) as saved_half_width,
        case
            when baseline.monthly_churn_rate is null then 'nobody_active'
            when scenarios.n = 0 then 'no_signals'
            when baseline.contribution_a_month is null then 'margin_not_known'
            else scenarios.ratio_not_known_reason
        end as no_effect_reason
    from scenarios
    cross join baseline
),

effects as (
    select
        *,
        case when no_effect_reason is null
            then months_gained * contribution_a_month + saved end as effect,
        gained_at_low_churn * contribution_a_month + saved as effect_at_low_churn,
        gained_at_high_churn * contribution_a_month + saved as effect_at_high_churn,
        gained_at_low_ratio * contribution_a_month + saved as effect_at_low_ratio,
        gained_at_high_ratio * contribution_a_month + saved as effect_at_high_ratio
    from levers
),

ends as (
    select
        *,
        effect - {{ interval_reach() }} * months_gained * contribution_error
            as effect_at_low_contribution,
        effect + {{ interval_reach() }} * months_gained * contribution_error
            as effect_at_high_contribution,
        effect - saved_half_width as effect_at_low_saving,
        effect + saved_half_width as effect_at_high_saving,
        -- A share of a loss says nothing, and would turn sign and interval round.
        case when usual_contribution > 0 then usual_contribution end as positive_contribution
    from effects
),

-- MOVER (Zou and Donner 2008): the distances from the effect to its ends by each estimate, added as
-- squares.
bounds as (
    select
        *,
        effect - sqrt(
            power(greatest(effect - effect_at_low_churn, effect - effect_at_high_churn, 0), 2)
            + power(greatest(effect - effect_at_low_ratio, effect - effect_at_high_ratio, 0), 2)
            + power(greatest(
                effect - effect_at_low_contribution, effect - effect_at_high_contribution, 0
            ), 2)
            + power(greatest(effect - effect_at_low_saving, effect - effect_at_high_saving, 0), 2)
        ) as effect_low,
        effect + sqrt(
            power(greatest(effect_at_low_churn - effect, effect_at_high_churn - effect, 0), 2)
            + power(greatest(effect_at_low_ratio - effect, effect_at_high_ratio - effect, 0), 2)
            + power(greatest(
                effect_at_low_contribution - effect, effect_at_high_contribution - effect, 0
            ), 2)
            + power(greatest(effect_at_low_saving - effect, effect_at_high_saving - effect, 0), 2)
        ) as effect_high
    from ends
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
        round({{ ratio('effect', 'positive_contribution') }}, 10) as effect_rate,
        round({{ ratio('effect_low', 'positive_contribution') }}, 10) as effect_rate_low,
        round({{ ratio('effect_high', 'positive_contribution') }}, 10) as effect_rate_high,
        signal is not null as is_association,
        no_effect_reason,
        coalesce(
            no_effect_reason,
            case when positive_contribution is null then 'contribution_not_positive' end
        ) as no_effect_rate_reason
    from bounds
)

select * from final
