-- Grain: one row per programme, segmentation and segment; one for a programme without customers
{%- set counts = [
    'treated_customer_count', 'matched_customer_count', 'in_another_programme_customer_count',
    'no_pre_period_customer_count', 'no_similar_customer_count', 'not_observed_customer_count',
    'overlapping_customer_count', 'crossover_customer_count', 'referring_customer_count',
    'enrolled_customer_count',
] %}
{#- Chosen by region, say, customers fare well or badly together: then all errors are as many times
    as large as that of the effect. -#}
{%- set together -%}
    greatest(1, coalesce({{ ratio('clusters.error_amount', 'estimates.effect_error') }}, 1))
{%- endset %}
with

programmes as (select * from {{ ref('stg_crm__programmes') }}),

matches as (select * from {{ ref('int_programme_match_counts') }}),

paybacks as (select * from {{ ref('int_programme_payback') }}),

naive as (select * from {{ ref('int_programme_naive_difference') }}),

estimates as (select * from {{ ref('int_programme_estimates__by_segment') }}),

drifts as (select * from {{ ref('int_programme_drift') }}),

regressions as (select * from {{ ref('int_programme_regressions') }}),

clusters as (select * from {{ ref('int_programme_clusters') }}),

-- Of what customers are matched on; the base is not.
balances as (
    select
        programme_id,
        segmentation,
        segment,
        max(case
            when abs(standardised_difference_after) > largest_balanced_difference then 1
            else 0
        end) = 0 as is_balanced
    from {{ ref('fct_programme_balance') }}
    where covariate in ('level', 'risk', 'tenure')
    group by programme_id, segmentation, segment
),

joined as (
    select
        programmes.programme_id,
        programmes.name as programme_name,
        coalesce(matches.segmentation, 'all') as segmentation,
        coalesce(matches.segment, 'all') as segment,
        coalesce(
            matches.method,
            case when programmes.assignment = 'randomised' then 'randomised' else 'matched' end
        ) as method,
        {% for column in counts %}
        coalesce(matches.{{ column }}, 0) as {{ column }},
        {% endfor %}
        case
            when programmes.assignment = 'randomised'
                then coalesce(programmes.randomised_unit, 'customer')
        end as randomised_unit,
        estimates.treated_unit_count,
        estimates.control_unit_count,
        matches.sample_ratio_p_value,
        coalesce(estimates.control_customer_count, 0) as control_customer_count,
        coalesce(estimates.matched_month_count, 0) as matched_month_count,
        coalesce(paybacks.treated_month_count, 0) as treated_month_count,
        coalesce(paybacks.active_month_count, 0) as active_month_count,
        paybacks.discounted_month_count,
        coalesce(paybacks.unknown_cost_month_count, 0) as unknown_cost_month_count,
        estimates.effect_amount,
        estimates.effect_error * {{ together }} as effect_error,
        case
            when clusters.error_amount > estimates.effect_error
                then least(clusters.untreated_cluster_count - 1, estimates.effect_degrees)
            else estimates.effect_degrees
        end as effect_degrees,
        case
            when clusters.error_amount > estimates.effect_error or clusters.is_too_few
                then clusters.attribute
        end as clustered_by,
        clusters.treated_cluster_count,
        clusters.untreated_cluster_count,
        coalesce(clusters.is_too_few, false) as is_too_few_clusters,
        estimates.low_reach,
        estimates.high_reach,
        estimates.is_treated_skewed,
        estimates.treated_with_outcome_count,
        estimates.control_with_outcome_count,
        estimates.winsorised_amount,
        estimates.winsorised_low_amount,
        estimates.winsorised_high_amount,
        -- From the middle of the twelve months that are subtracted to the months compared.
        case when estimates.effect_amount is not null and matches.method = 'matched'
            then paybacks.span_months + 8.5 end
            as drift_months,
        {{ ratio('paybacks.treated_month_count', 'matches.treated_customer_count') }}
            as months_since_entry,
        coalesce(balances.is_balanced, true) as is_balanced,
        programmes.evaluation_date,
        paybacks.start_number,
        paybacks.last_number,
        drifts.drift_amount,
        drifts.least_drift_amount,
        drifts.drift_error,
        drifts.least_drift_error,
        drifts.drift_degrees,
        drifts.drift_high_amount,
        coalesce(drifts.customer_count, 0) as drift_customer_count,
        drifts.lead_amount,
        drifts.lead_error,
        {% for column in ['robust_amount', 'robust_degrees', 'lagged_amount', 'disagreement_z',
            'overlap_rate', 'treated_left_rate', 'control_left_rate', 'risk_left_ratio',
            'negative_control_amount', 'negative_control_error'] %}
        regressions.{{ column }},
        {% endfor %}
        regressions.robust_error * {{ together }} as robust_error,
        regressions.lagged_error * {{ together }} as lagged_error,
        estimates.retained_amount,
        estimates.retained_error * {{ together }} as retained_error,
        {% for kind in ['satisfaction', 'effort', 'support_load', 'placebo_cohort'] %}
        estimates.{{ kind }}_amount,
        estimates.{{ kind }}_error,
        estimates.{{ kind }}_degrees,
        coalesce(estimates.{{ kind }}_customer_count, 0) as {{ kind }}_customer_count,
        {% endfor %}
        naive.naive_difference_amount,
        nullif(paybacks.cost_amount, 0) as cost_amount,
        nullif(paybacks.discounted_cost_amount, 0) as discounted_cost_amount,
        estimates.effect_amount * paybacks.treated_month_count as benefit_amount,
        estimates.effect_error * {{ together }} * paybacks.treated_month_count as benefit_error,
        {% for part in ['retained', 'expansion', 'support'] %}
        estimates.{{ part }}_amount * paybacks.treated_month_count as {{ part }}_benefit_amount,
        estimates.{{ part }}_error * {{ together }} * paybacks.treated_month_count
            as {{ part }}_benefit_error,
        {% endfor %}
        estimates.referral_amount * paybacks.treated_month_count as referral_benefit_amount,
        -- Most customers refer nobody: it is the referrers who have to be many.
        case when matches.referring_customer_count >= {{ var('minimum_compared_customers') }}
            then estimates.referral_error * {{ together }} * paybacks.treated_month_count
        end as referral_benefit_error,
        estimates.discounted_amount * paybacks.discounted_month_count as discounted_benefit_amount,
        estimates.discounted_error * {{ together }} * paybacks.discounted_month_count
            as discounted_benefit_error,
        case when estimates.effect_amount is not null then paybacks.payback_months end
            as payback_months,
        case when estimates.effect_amount is not null then paybacks.payback_number end
            as payback_number
    from programmes
    left join matches
        on matches.programme_id = programmes.programme_id
    {% for table in ['paybacks', 'naive', 'estimates', 'drifts', 'regressions',
        'clusters', 'balances'] %}
    left join {{ table }}
        on {{ table }}.programme_id = matches.programme_id
        and {{ table }}.segmentation = matches.segmentation
        and {{ table }}.segment = matches.segment
    {% endfor %}
),

-- What was held back for three months before entry is bought once, after it: that is no effect, and
-- no harm where it was brought forward.
dipped as (
    select
        *,
        coalesce(case when lead_amount < -lead_error
            then {{ ratio('-3 * lead_amount', 'months_since_entry') }} end, 0) as held_back_amount,
        coalesce(case when lead_amount > lead_error
            then {{ ratio('3 * lead_amount', 'months_since_entry') }} end, 0)
            as brought_forward_amount
    from joined
),

looks as (
    select
        *,
        {{ ratio(
            'last_number - start_number + 1',
            month_index('evaluation_date') ~ ' - start_number'
        ) }} as look_share
    from dipped
),

-- Looks before the day of judgement share .5 % of error between them and leave 4.5 % to that day:
-- bounds of O'Brien and Fleming, by the share of the months that are over. Where nothing was drawn,
-- what was seen before entry is taken off the ends of the interval, or what the negative control
-- shows where that is more: both see the same in part, so not their sum.
final as (
    select
        *,
        case
            when look_share >= 1 then 2.054
            when look_share > 0 then 2.807 / sqrt(look_share)
            else {{ interval_reach() }}
        end / {{ interval_reach() }} as look_factor,
        case
            when method = 'randomised' then 0
            else greatest(
                {{ drift_allowance('drift_amount', 'drift_error') }} + held_back_amount,
                case when negative_control_amount > negative_control_error
                    then negative_control_amount else 0 end
            )
        end as low_allowance_amount,
        case
            when method = 'randomised' then 0
            else greatest(
                {{ drift_allowance('-least_drift_amount', 'least_drift_error') }}
                    + brought_forward_amount,
                case when negative_control_amount < -negative_control_error
                    then -negative_control_amount else 0 end
            )
        end as high_allowance_amount
    from looks
)

select * from final
