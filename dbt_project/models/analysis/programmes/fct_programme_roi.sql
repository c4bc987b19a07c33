-- Grain: one row per programme, segmentation and segment; one for a programme without customers
{%- set parts = ['retained', 'expansion', 'support', 'referral'] %}
{%- set measured = [
    'effect_amount', 'effect_error', 'effect_p_value', 'adjusted_effect_p_value', 'benefit_amount',
    'benefit_error', 'p_value', 'adjusted_p_value', 'discounted_benefit_amount',
    'discounted_benefit_error',
    'retained_benefit_amount', 'retained_benefit_error', 'expansion_benefit_amount',
    'expansion_benefit_error', 'support_benefit_amount', 'support_benefit_error',
    'referral_benefit_amount', 'referral_benefit_error',
] %}
{#- Ends of intervals: sampling error, and what was seen before entry. How many errors they reach
    is made in int_programme_results (lower_reach, upper_reach: t or draws, times look_factor),
    what is taken off in int_programme_returns (low_allowance_amount, high_allowance_amount). -#}
{%- set effect_low = 'shown_effect_amount - lower_reach * shown_effect_error'
    ~ ' - low_allowance_amount' %}
{%- set effect_high = 'shown_effect_amount + upper_reach * shown_effect_error'
    ~ ' + high_allowance_amount' %}
{%- set benefit_low = 'shown_benefit_amount - lower_reach * shown_benefit_error'
    ~ ' - low_allowance_amount * treated_month_count' %}
{%- set benefit_high = 'shown_benefit_amount + upper_reach * shown_benefit_error'
    ~ ' + high_allowance_amount * treated_month_count' %}
{%- set discounted_low = 'shown_discounted_benefit_amount'
    ~ ' - lower_reach * shown_discounted_benefit_error'
    ~ ' - low_allowance_amount * discounted_month_count' %}
{%- set discounted_high = 'shown_discounted_benefit_amount'
    ~ ' + upper_reach * shown_discounted_benefit_error'
    ~ ' + high_allowance_amount * discounted_month_count' %}
with

-- What was refuted shows no number here; what was measured stands in the companion tables.
verdicts as (
    select
        *,
        {% for column in measured %}
        case when not coalesce(is_refuted, false) then {{ column }} end
            as shown_{{ column }},
        {% endfor %}
        {{ interval_reach('satisfaction_degrees') }} as satisfaction_reach,
        {{ interval_reach('effort_degrees') }} as effort_reach,
        {{ interval_reach('support_load_degrees') }} as support_load_reach,
        {{ detectable_reach('effect_degrees') }} + (coalesce(look_factor, 1) - 1)
            * {{ interval_reach('effect_degrees') }} as detectable_reach
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
        rests_on,
        would_be_told_by,
        harm,
        {% for answers in ['satisfaction', 'effort'] %}
        {{ settled(answers ~ '_amount') }} as {{ answers }}_effect_score,
        {{ settled(answers ~ '_amount - ' ~ answers ~ '_reach * ' ~ answers ~ '_error') }}
            as {{ answers }}_effect_score_low,
        {{ settled(answers ~ '_amount + ' ~ answers ~ '_reach * ' ~ answers ~ '_error') }}
            as {{ answers }}_effect_score_high,
        {{ answers }}_customer_count,
        {% endfor %}
        {{ money(settled('support_load_amount')) }} as support_load_effect_amount,
        {{ money(settled('support_load_amount - support_load_reach * support_load_error')) }}
            as support_load_effect_low_amount,
        {{ money(settled('support_load_amount + support_load_reach * support_load_error')) }}
            as support_load_effect_high_amount,
        support_load_customer_count,
        evaluation_date,
        is_final,
        coalesce(is_refuted, false) as is_refuted,
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
        {{ money(settled('shown_effect_amount')) }} as effect_amount,
        {{ money(settled('shown_effect_error')) }} as effect_standard_error_amount,
        {{ money(settled(effect_low)) }} as effect_low_amount,
        {{ money(settled(effect_high)) }} as effect_high_amount,
        {{ money(settled('low_allowance_amount')) }} as low_allowance_amount,
        {{ money(settled('high_allowance_amount')) }} as high_allowance_amount,
        coalesce(is_treated_skewed, false) as is_upper_bound_doubled,
        {{ money(settled('winsorised_amount')) }} as winsorised_effect_amount,
        {{ money(settled('winsorised_low_amount')) }} as winsorised_effect_low_amount,
        {{ money(settled('winsorised_high_amount')) }} as winsorised_effect_high_amount,
        {{ money(settled('detectable_reach * shown_effect_error + low_allowance_amount')) }}
            as minimum_detectable_effect_amount,
        {{ settled('shown_effect_p_value') }} as effect_p_value,
        {{ settled('shown_adjusted_effect_p_value') }} as effect_adjusted_p_value,
        case
            when shown_effect_amount is not null
                then {{ money(settled('naive_difference_amount')) }}
        end as naive_difference_amount,
        {{ money(settled('drift_amount')) }} as pre_trend_amount,
        {{ money(settled('drift_error')) }} as pre_trend_standard_error_amount,
        {{ settled('drift_p_value') }} as pre_trend_p_value,
        drift_customer_count as pre_trend_customer_count,
        {{ money(settled('greatest(drift_high_amount, 0)')) }}
            as largest_drift_not_ruled_out_amount,
        {{ settled('drift_months') }} as drift_months,
        {{ money(settled('lead_amount')) }} as lead_amount,
        {{ money(settled('lead_error')) }} as lead_standard_error_amount,
        {{ money(settled("case when not coalesce(is_refuted, false) then breakdown_amount end")) }}
            as breakdown_drift_amount,
        {{ money(settled('robust_amount')) }} as robust_effect_amount,
        {{ money(settled('robust_error')) }} as robust_effect_standard_error_amount,
        {{ money(settled('lagged_amount')) }} as lagged_effect_amount,
        {{ money(settled('lagged_error')) }} as lagged_effect_standard_error_amount,
        {{ settled(two_sided_p_value('disagreement_z')) }} as estimators_p_value,
        {{ settled('treated_left_rate') }} as treated_left_rate,
        {{ settled('control_left_rate') }} as control_left_rate,
        {{ settled('e_value') }} as e_value,
        {{ settled('risk_left_ratio') }} as risk_left_ratio,
        clustered_by,
        treated_cluster_count,
        untreated_cluster_count,
        {{ money(settled('negative_control_amount')) }} as negative_control_effect_amount,
        {{ money(settled('negative_control_error')) }} as negative_control_standard_error_amount,
        {{ money(settled('placebo_cohort_amount')) }} as placebo_cohort_effect_amount,
        {{ money(settled('placebo_cohort_error')) }} as placebo_cohort_standard_error_amount,
        {{ settled('placebo_cohort_p_value') }} as placebo_cohort_p_value,
        placebo_cohort_customer_count,
        {{ money(settled('shown_benefit_amount')) }} as benefit_amount,
        {{ money(settled(benefit_low)) }} as benefit_low_amount,
        {{ money(settled(benefit_high)) }} as benefit_high_amount,
        {{ money(settled('shown_retained_benefit_amount')) }} as retained_benefit_amount,
        {{ money(settled('shown_benefit_amount')) }}
            - {{ money(settled('shown_retained_benefit_amount')) }}
            - {{ money(settled('shown_support_benefit_amount')) }} as expansion_benefit_amount,
        {{ money(settled('shown_support_benefit_amount')) }} as support_benefit_amount,
        {{ money(settled('shown_referral_benefit_amount')) }} as referral_benefit_amount,
        {% for part in parts %}
        {%- set amount = 'shown_' ~ part ~ '_benefit_amount' %}
        {%- set error = 'shown_' ~ part ~ '_benefit_error' %}
        {{ money(settled(amount ~ ' - lower_reach * ' ~ error)) }}
            as {{ part }}_benefit_low_amount,
        {{ money(settled(amount ~ ' + upper_reach * ' ~ error)) }}
            as {{ part }}_benefit_high_amount,
        {% endfor %}
        referring_customer_count,
        {{ money(settled('cost_amount')) }} as cost_amount,
        {{ settled(ratio('shown_benefit_amount', 'cost_amount')) }} as benefit_cost_ratio,
        {{ settled(ratio('shown_benefit_amount - cost_amount', 'cost_amount')) }} as roi_rate,
        {{ settled(ratio(benefit_low ~ ' - cost_amount', 'cost_amount')) }} as roi_rate_low,
        {{ settled(ratio(benefit_high ~ ' - cost_amount', 'cost_amount')) }} as roi_rate_high,
        {{ settled('shown_p_value') }} as roi_p_value,
        {{ settled('shown_adjusted_p_value') }} as roi_adjusted_p_value,
        {{ money(settled('shown_discounted_benefit_amount')) }} as discounted_benefit_amount,
        {{ money(settled('discounted_cost_amount')) }} as discounted_cost_amount,
        {{ settled(ratio(
            'shown_discounted_benefit_amount - discounted_cost_amount', 'discounted_cost_amount'
        )) }}
            as discounted_roi_rate,
        {{ settled(ratio(discounted_low ~ ' - discounted_cost_amount', 'discounted_cost_amount')) }}
            as discounted_roi_rate_low,
        {{ settled(ratio(
            discounted_high ~ ' - discounted_cost_amount', 'discounted_cost_amount'
        )) }}
            as discounted_roi_rate_high,
        case
            when verdict_reason like 'benefit_above_cost%' then cast(payback_months as int)
        end as payback_months,
        case
            when verdict_reason like 'benefit_above_cost%'
                then {{ month_of_index('payback_number') }}
        end as payback_month_date,
        programme_costs.last_month_date as last_cost_month_date
    from verdicts
    left join programme_costs
        on programme_costs.programme_id = verdicts.programme_id
)

select * from final
