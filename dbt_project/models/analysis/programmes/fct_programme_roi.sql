-- Grain: one row per programme, segmentation and segment; one for a programme without customers
{%- set parts = ['retained', 'expansion', 'support', 'referral'] %}
with

verdicts as (
    select
        *,
        coalesce(low_reach, {{ interval_reach('effect_degrees') }}) as lower_reach,
        coalesce(high_reach, {{ interval_reach('effect_degrees') }}) as upper_reach,
        {{ detectable_reach('effect_degrees') }} as detectable_reach
    from {{ ref('int_programme_results') }}
),

programme_costs as (
    select programme_id, max(month_date) as last_month_date
    from {{ ref('int_programme_costs__by_customer') }}
    group by programme_id
),

final as (
    select
        verdicts.programme_id,
        programme_name,
        segmentation,
        segment,
        method,
        verdict,
        verdict_reason,
        treated_customer_count,
        matched_customer_count,
        in_another_programme_customer_count,
        no_pre_period_customer_count,
        no_similar_customer_count,
        not_observed_customer_count,
        overlapping_customer_count,
        crossover_customer_count,
        control_customer_count,
        randomised_unit,
        treated_unit_count,
        control_unit_count,
        sample_ratio_p_value,
        treated_month_count,
        matched_month_count,
        {{ money(settled('effect_amount')) }} as effect_amount,
        {{ money(settled('effect_error')) }} as effect_standard_error_amount,
        {{ money(settled('effect_amount - lower_reach * effect_error')) }}
            as effect_low_amount,
        {{ money(settled('effect_amount + upper_reach * effect_error')) }}
            as effect_high_amount,
        coalesce(is_treated_skewed, false) as is_upper_bound_doubled,
        {{ money(settled('winsorised_amount')) }} as winsorised_effect_amount,
        {{ money(settled('winsorised_low_amount')) }} as winsorised_effect_low_amount,
        {{ money(settled('winsorised_high_amount')) }} as winsorised_effect_high_amount,
        {{ money(settled('detectable_reach * effect_error')) }} as minimum_detectable_effect_amount,
        {{ settled('effect_p_value') }} as effect_p_value,
        {{ settled('adjusted_effect_p_value') }} as effect_adjusted_p_value,
        case when effect_amount is not null then {{ money(settled('naive_difference_amount')) }} end
            as naive_difference_amount,
        {{ money(settled('pre_trend_amount')) }} as pre_trend_amount,
        {{ money(settled('pre_trend_error')) }} as pre_trend_standard_error_amount,
        {{ settled('pre_trend_p_value') }} as pre_trend_p_value,
        pre_trend_customer_count,
        {{ money(settled(ratio(
            'benefit_amount - cost_amount', 'treated_month_count * span_months'
        ))) }} as breakdown_drift_amount,
        {{ money(settled('placebo_amount')) }} as placebo_effect_amount,
        {{ settled('placebo_p_value') }} as placebo_p_value,
        placebo_customer_count,
        {{ money(settled('placebo_cohort_amount')) }} as placebo_cohort_effect_amount,
        {{ money(settled('placebo_cohort_error')) }} as placebo_cohort_standard_error_amount,
        {{ settled('placebo_cohort_p_value') }} as placebo_cohort_p_value,
        placebo_cohort_customer_count,
        {{ money(settled('benefit_amount')) }} as benefit_amount,
        {{ money(settled('benefit_amount - lower_reach * benefit_error')) }}
            as benefit_low_amount,
        {{ money(settled('benefit_amount + upper_reach * benefit_error')) }}
            as benefit_high_amount,
        {{ money(settled('retained_benefit_amount')) }} as retained_benefit_amount,
        {{ money(settled('benefit_amount')) }} - {{ money(settled('retained_benefit_amount')) }}
            - {{ money(settled('support_benefit_amount')) }} as expansion_benefit_amount,
        {{ money(settled('support_benefit_amount')) }} as support_benefit_amount,
        {{ money(settled('referral_benefit_amount')) }} as referral_benefit_amount,
        {% for part in parts %}
        {%- set amount, error = part ~ '_benefit_amount', part ~ '_benefit_error' %}
        {{ money(settled(amount ~ ' - lower_reach * ' ~ error)) }}
            as {{ part }}_benefit_low_amount,
        {{ money(settled(amount ~ ' + upper_reach * ' ~ error)) }}
            as {{ part }}_benefit_high_amount,
        {% endfor %}
        referring_customer_count,
        {{ money(settled('cost_amount')) }} as cost_amount,
        {{ settled(ratio('benefit_amount', 'cost_amount')) }} as benefit_cost_ratio,
        {{ settled(ratio('benefit_amount - cost_amount', 'cost_amount')) }} as roi_rate,
        {{ settled(ratio(
            'benefit_amount - lower_reach * benefit_error - cost_amount', 'cost_amount'
        )) }}
            as roi_rate_low,
        {{ settled(ratio(
            'benefit_amount + upper_reach * benefit_error - cost_amount', 'cost_amount'
        )) }}
            as roi_rate_high,
        {{ settled('p_value') }} as roi_p_value,
        {{ settled('adjusted_p_value') }} as roi_adjusted_p_value,
        {{ money(settled('discounted_benefit_amount')) }} as discounted_benefit_amount,
        {{ money(settled('discounted_cost_amount')) }} as discounted_cost_amount,
        {{ settled(ratio(
            'discounted_benefit_amount - discounted_cost_amount', 'discounted_cost_amount'
        )) }}
            as discounted_roi_rate,
        {{ settled(ratio('discounted_benefit_amount - lower_reach * discounted_benefit_error'
            ~ ' - discounted_cost_amount', 'discounted_cost_amount')) }} as discounted_roi_rate_low,
        {{ settled(ratio('discounted_benefit_amount + upper_reach * discounted_benefit_error'
            ~ ' - discounted_cost_amount', 'discounted_cost_amount')) }}
            as discounted_roi_rate_high,
        case when verdict = 'pays_back' then cast(payback_months as int) end as payback_months,
        case when verdict = 'pays_back' then {{ month_of_index('payback_number') }} end
            as payback_month_date,
        programme_costs.last_month_date as last_cost_month_date
    from verdicts
    left join programme_costs
        on programme_costs.programme_id = verdicts.programme_id
)

select * from final
