-- Grain: one row per programme, segmentation and segment, as int_programme_returns
{%- set tests = ['effect', 'pre_trend', 'placebo', 'placebo_cohort'] %}
with

returns as (select * from {{ ref('int_programme_returns') }}),

scored as (
    select
        *,
        {% for test in tests[1:] %}
        {{ normal_of_t(ratio(test ~ '_amount', test ~ '_error'), test ~ '_degrees') }}
            as {{ test }}_z,
        {% endfor %}
        {{ score_of_reach('effect_amount', 'effect_error') }} as effect_z,
        {{ score_of_reach('benefit_amount - cost_amount', 'benefit_error') }} as return_z
    from returns
),

tested as (
    select
        *,
        {% for test in tests %}
        {{ two_sided_p_value(test ~ '_z') }} as {{ test }}_p_value,
        {% endfor %}
        {{ two_sided_p_value('return_z') }} as p_value
    from scored
),

ranked as (
    select
        *,
        {%- for p in ['p_value', 'effect_p_value'] %}
        {{ p }} * count({{ p }}) over () / row_number() over (
            order by {{ p }} nulls last, programme_id, segmentation, segment
        ) as step_{{ p }}{{ ',' if not loop.last }}
        {%- endfor %}
    from tested
),

-- Benjamini and Hochberg: the smallest step among this and all larger p-values.
adjusted as (
    select
        *,
        {%- for p in ['p_value', 'effect_p_value'] %}
        case when {{ p }} is not null then least(cast(1 as double), min(step_{{ p }}) over (
            order by {{ p }} nulls last, programme_id, segmentation, segment
            rows between current row and unbounded following
        )) end as adjusted_{{ p }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ranked
),

reasoned as (
    select
        *,
        case
            when treated_customer_count = 0 then 'nobody_enrolled'
            -- The unit that was drawn is not the one that pays.
            when method = 'randomised'
                and crossover_customer_count
                    > {{ var('largest_crossover_share') }} * enrolled_customer_count
                then 'arms_mixed_on_the_unit'
            when sample_ratio_p_value < 0.001 then 'arms_not_as_planned'
            when matched_customer_count = 0 then 'no_similar_customers'
            when least(matched_customer_count, control_customer_count)
                < {{ var('minimum_compared_customers') }}
                then 'too_few_customers'
            when least(treated_unit_count, control_unit_count)
                < {{ var('minimum_compared_customers') }}
                then 'too_few_accounts'
            when active_month_count = 0 then 'no_active_members'
            when effect_amount is null then 'outcome_does_not_vary'
            when least(treated_with_outcome_count, control_with_outcome_count)
                < {{ var('minimum_customers_with_outcome') }}
                then 'too_few_with_an_outcome'
            when unknown_cost_month_count > 0 then 'cost_not_known'
            when cost_amount is null then 'no_cost'
            when 2 * matched_month_count < treated_month_count then 'mostly_unmatched'
            -- A draw makes groups alike; of anything else it has to be shown.
            when method <> 'randomised' and pre_trend_p_value is null
                then 'parallel_trends_not_testable'
            when pre_trend_p_value < 0.05 then 'parallel_trends_violated'
            -- Of a lottery the placebo cohort is a draw among controls: only chance can fail it.
            when placebo_p_value < 0.01
                or (method <> 'randomised' and placebo_cohort_p_value < 0.01)
                then 'placebo_test_failed'
            when adjusted_p_value > 0.05 and p_value <= 0.05 then 'not_significant_after_correction'
            when p_value > 0.05 then 'roi_not_significant'
            when benefit_amount > cost_amount then 'benefit_above_cost'
            else 'benefit_below_cost'
        end as verdict_reason
    from adjusted
),

final as (
    select
        *,
        case verdict_reason
            when 'benefit_above_cost' then 'pays_back'
            when 'benefit_below_cost' then 'does_not_pay_back'
            else 'not_proven'
        end as verdict
    from reasoned
)

select * from final
