-- Grain: one row per programme, segmentation and segment, as int_programme_returns
{#- Reach of an interval of 1 − 5 % ÷ 4 in that of one of 95 %: there are four guardrails. -#}
{%- set of_four = 2.498 / 1.960 %}
with

returns as (select * from {{ ref('int_programme_returns') }}),

-- How far the figure is beyond what was seen before entry: 0 where it is not.
excesses as (
    select
        *,
        {{ ratio('cost_amount', 'treated_month_count') }} as cost_month_amount,
        {{ beyond_allowances('effect_amount') }} as effect_beyond_amount,
        treated_month_count * {{ beyond_allowances(
            'effect_amount - ' ~ ratio('cost_amount', 'treated_month_count')
        ) }} as return_beyond_amount
    from returns
),

scored as (
    select
        *,
        {{ normal_of_t(ratio('drift_amount', 'drift_error'), 'drift_degrees') }} as drift_z,
        {{ normal_of_t(
            ratio('placebo_cohort_amount', 'placebo_cohort_error'), 'placebo_cohort_degrees'
        ) }} as placebo_cohort_z,
        {{ score_of_reach('effect_beyond_amount', 'effect_error') }} / look_factor as effect_z,
        {{ score_of_reach('return_beyond_amount', 'benefit_error') }} / look_factor as return_z
    from excesses
),

tested as (
    select
        *,
        {% for test in ['effect', 'drift', 'placebo_cohort'] %}
        {{ two_sided_p_value(test ~ '_z') }} as {{ test }}_p_value,
        {% endfor %}
        {{ two_sided_p_value('return_z') }} as p_value,
        look_factor * coalesce(low_reach, {{ interval_reach('effect_degrees') }}) as lower_reach,
        look_factor * coalesce(high_reach, {{ interval_reach('effect_degrees') }}) as upper_reach,
        look_factor * {{ interval_reach('robust_degrees') }} as robust_reach
    from scored
),

-- A natural comparison is held against what nobody saw as well: the largest drift that the months
-- before entry do not rule out, and all of the difference in staying being one of who was chosen.
doubted as (
    select
        *,
        least(
            effect_amount - lower_reach * effect_error,
            robust_amount - robust_reach * robust_error,
            lagged_amount - robust_reach * lagged_error
        )
            - greatest(drift_high_amount, 0) * drift_months
            - held_back_amount
            - greatest(coalesce(retained_amount, 0), 0) as worst_amount,
        robust_amount - low_allowance_amount as robust_low_amount,
        greatest(
            robust_amount + robust_reach * robust_error,
            lagged_amount + robust_reach * lagged_error
        ) + high_allowance_amount as best_amount
    from tested
),

ranked as (
    select
        *,
        {%- for p in ['p_value', 'effect_p_value'] %}
        {{ p }} * count({{ p }}) over () / row_number() over (
            order by {{ p }} nulls last, programme_id, segmentation, segment
        ) as step_{{ p }}{{ ',' if not loop.last }}
        {%- endfor %}
    from doubted
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
            when is_too_few_clusters then 'too_few_clusters'
            when method <> 'randomised' and drift_amount is null
                then 'parallel_trends_not_testable'
            when method <> 'randomised' and not is_balanced then 'not_alike_after_matching'
            when method <> 'randomised' and disagreement_z is null then 'no_second_estimate'
            when method <> 'randomised' and overlap_rate < {{ var('smallest_overlap') }}
                then 'little_overlap'
            when method <> 'randomised' and abs(disagreement_z) > 2.5758293035489
                then 'estimators_disagree'
            when adjusted_p_value > 0.05 and p_value <= 0.05 then 'not_significant_after_correction'
            when p_value > 0.05 then 'roi_not_significant'
            when method = 'randomised' and benefit_amount > cost_amount then 'benefit_above_cost'
            when method = 'randomised' then 'benefit_below_cost'
            when benefit_amount > cost_amount and robust_low_amount <= cost_month_amount
                then 'second_estimate_below_cost'
            when benefit_amount > cost_amount and worst_amount > cost_month_amount
                then 'benefit_above_cost'
            when benefit_amount > cost_amount then 'benefit_above_cost_as_far_as_seen'
            when best_amount >= cost_month_amount then 'second_estimate_above_cost'
            else 'benefit_below_cost'
        end as verdict_reason
    from adjusted
),

-- A programme must not make worse what it is for: the whole interval of the part of its benefit
-- that comes from customers retained, or of what customers answer, lies below 0, or that of the
-- support a month as a customer costs above; the four share their error.
guarded as (
    select
        *,
        nullif(concat_ws(', ',
            case when retained_amount + {{ of_four }} * upper_reach * retained_error < 0
                then 'churn' end,
            case when support_load_amount - {{ of_four }}
                * {{ interval_reach('support_load_degrees') }} * support_load_error > 0
                then 'support load' end,
            {% for answers in ['satisfaction', 'effort'] %}
            case when {{ answers }}_amount + {{ of_four }}
                * {{ interval_reach(answers ~ '_degrees') }} * {{ answers }}_error < 0
                then '{{ answers }}' end{{ ',' if not loop.last }}
            {% endfor %}
        ), '') as harm
    from reasoned
),

judged as (
    select
        *,
        case
            when harm is not null and verdict_reason like 'benefit_above_cost%'
                then 'pays_back_but_harms'
            when verdict_reason = 'benefit_above_cost' then 'pays_back'
            when verdict_reason = 'benefit_above_cost_as_far_as_seen' then 'likely_pays_back'
            when verdict_reason = 'benefit_below_cost' then 'does_not_pay_back'
            else 'not_proven'
        end as verdict,
        verdict_reason in (
            'estimators_disagree', 'not_alike_after_matching', 'little_overlap',
            'arms_mixed_on_the_unit', 'arms_not_as_planned'
        ) as is_refuted,
        coalesce(look_share >= 1, false) as is_final,
        -- What would be all of what the low end is above the cost.
        {{ ratio(
            'effect_amount - lower_reach * effect_error - coalesce(cost_month_amount, 0)',
            'drift_months'
        ) }} as breakdown_amount,
        {{ ratio('control_left_rate', 'treated_left_rate') }} as staying_ratio
    from guarded
),

final as (
    select
        *,
        -- How many times as often something unseen would have to be there among the treated, and to
        -- keep a customer, to make all of the difference in leaving (VanderWeele and Ding 2017).
        case
            when staying_ratio > 1
                then staying_ratio + sqrt(staying_ratio * (staying_ratio - 1))
            when staying_ratio is not null then 1
        end as e_value,
        -- What there would have to be for a verdict, where there is none for want of it.
        case
            when verdict_reason in ('too_few_customers', 'too_few_accounts') then concat(
                {{ var('minimum_compared_customers') }},
                ' on either side; there are ',
                coalesce(treated_unit_count, matched_customer_count),
                ' treated and ',
                coalesce(control_unit_count, control_customer_count),
                ' to compare with'
            )
            when verdict_reason = 'too_few_clusters' then concat(
                {{ var('minimum_untreated_clusters') }},
                ' without the programme by ', clustered_by,
                '; there are ', cast(floor(untreated_cluster_count) as bigint),
                ': or a draw within each'
            )
            when verdict_reason = 'too_few_with_an_outcome' then concat(
                {{ var('minimum_customers_with_outcome') }},
                ' of either arm with an outcome; there are ',
                treated_with_outcome_count, ' and ', control_with_outcome_count
            )
        end as would_be_told_by,
        case
            when method = 'randomised' then 'experiment'
            when verdict_reason = 'benefit_above_cost'
                then 'comparison, and it withstands what the months before do not rule out'
            when verdict_reason = 'benefit_above_cost_as_far_as_seen' then concat(
                'comparison, as alike as seen before entry; a drift of more than ',
                cast(cast(breakdown_amount as decimal(18, 2)) as {{ dbt.type_string() }}),
                ' a month would undo it'
            )
            else 'comparison'
        end as rests_on
    from judged
)

select * from final
