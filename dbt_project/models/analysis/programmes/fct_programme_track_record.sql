-- Grain: one row per programme, segmentation, segment and day on which a verdict was said anew
{%- set said_columns = [
    'programme_id', 'programme_name', 'segmentation', 'segment', 'verdict_date', 'last_month_date',
    'method', 'verdict', 'verdict_reason', 'treated_customer_count', 'effect_amount',
    'effect_standard_error_amount', 'effect_low_amount', 'effect_high_amount',
    'cost_per_month_amount', 'roi_rate', 'is_final',
] %}
with

past as (select * from {{ ref('stg_run__published_verdicts') }}),

results as (select * from {{ ref('fct_programme_roi') }}),

cohorts as (select * from {{ ref('fct_programme_cohorts') }}),

months as (select * from {{ ref('fct_programme_months') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

tonight as (
    select
        results.*,
        run_parameters.as_of_date as verdict_date,
        cast(run_parameters.first_open_month_date - interval 1 month as date) as last_month_date,
        {{ money(ratio('results.cost_amount', 'results.treated_month_count')) }}
            as cost_per_month_amount
    from results
    cross join run_parameters
),

said as (
    select
        {% for column in said_columns %}
        past.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from past
    inner join run_parameters
        on past.verdict_date < run_parameters.as_of_date

    union all

    select {{ said_columns | join(', ') }}
    from tonight
),

-- Tonight says anew: another reason, the judgement for good, or until then one more closed month.
compared as (
    select
        said.*,
        said.verdict_date = max(said.verdict_date) over () as is_of_tonight,
        lag(said.verdict_reason) over days as previous_reason,
        lag(said.last_month_date) over days as previous_month_date,
        lag(said.is_final) over days as was_final
    from said
    window days as (
        partition by said.programme_id, said.segmentation, said.segment
        order by said.verdict_date
    )
),

kept as (
    select * from compared
    where not is_of_tonight
        or previous_reason is null
        or previous_reason <> verdict_reason
        or was_final <> is_final
        or (previous_month_date <> last_month_date and not is_final)
),

finals as (
    select
        *,
        row_number() over (
            partition by programme_id, segmentation, segment order by verdict_date
        ) as final_number
    from kept
    where is_final
),

-- The months that nobody had seen when it was said. Errors of months of the same customers go
-- together, so they are added as they are.
later_effects as (
    select
        kept.programme_id,
        kept.segmentation,
        kept.segment,
        kept.verdict_date,
        {{ ratio(
            exact_sum('cohorts.effect_amount * cohorts.matched_customer_count'),
            'sum(cohorts.matched_customer_count)'
        ) }} as effect,
        {{ ratio(
            exact_sum('cohorts.effect_standard_error_amount * cohorts.matched_customer_count'),
            'sum(cohorts.matched_customer_count)'
        ) }} as error
    from kept
    inner join cohorts
        on cohorts.programme_id = kept.programme_id
        and cohorts.segmentation = kept.segmentation
        and cohorts.segment = kept.segment
        and cohorts.month_date > kept.last_month_date
        and cohorts.months_since_entry >= 0
        and cohorts.effect_standard_error_amount is not null
    group by kept.programme_id, kept.segmentation, kept.segment, kept.verdict_date
),

later_costs as (
    select
        kept.programme_id,
        kept.segmentation,
        kept.segment,
        kept.verdict_date,
        {{ ratio(exact_sum('months.cost_amount'), 'sum(months.treated_customer_count)') }} as cost
    from kept
    inner join months
        on months.programme_id = kept.programme_id
        and months.segmentation = kept.segmentation
        and months.segment = kept.segment
        and months.month_date > kept.last_month_date
    group by kept.programme_id, kept.segmentation, kept.segment, kept.verdict_date
),

-- An experiment of the same name tells what the comparison could only assume.
experiments as (
    select
        lower(trim(programme_name)) as name,
        segmentation,
        segment,
        {% for column in ['effect_amount', 'effect_low_amount', 'effect_high_amount'] %}
        min_by({{ column }}, effect_standard_error_amount) as {{ column }},
        {% endfor %}
        min(effect_standard_error_amount) as effect_standard_error_amount
    from results
    where method = 'randomised'
        and effect_standard_error_amount is not null
        and verdict_reason in (
            'benefit_above_cost', 'benefit_below_cost', 'roi_not_significant',
            'not_significant_after_correction'
        )
    group by lower(trim(programme_name)), segmentation, segment
),

shown as (
    select
        kept.*,
        case
            when experiments.name is not null then 'experiment'
            when finals.programme_id is not null then 'final_evaluation'
            when later_effects.programme_id is not null then 'later_months'
        end as scored_by,
        {% for name, experiment, final, later in [
            ('effect', 'effect_amount', 'effect_amount', 'later_effects.effect'),
            ('error', 'effect_standard_error_amount', 'effect_standard_error_amount',
                'later_effects.error'),
            ('low', 'effect_low_amount', 'effect_low_amount',
                'later_effects.effect - ' ~ interval_reach() ~ ' * later_effects.error'),
            ('high', 'effect_high_amount', 'effect_high_amount',
                'later_effects.effect + ' ~ interval_reach() ~ ' * later_effects.error'),
        ] %}
        case
            when experiments.name is not null then experiments.{{ experiment }}
            when finals.programme_id is not null then finals.{{ final }}
            else {{ later }}
        end as shown_{{ name }},
        {% endfor %}
        case
            when experiments.name is not null then kept.cost_per_month_amount
            when finals.programme_id is not null then finals.cost_per_month_amount
            else later_costs.cost
        end as shown_cost
    from kept
    left join experiments
        on experiments.name = lower(trim(kept.programme_name))
        and experiments.segmentation = kept.segmentation
        and experiments.segment = kept.segment
        and kept.method <> 'randomised'
    left join finals
        on finals.programme_id = kept.programme_id
        and finals.segmentation = kept.segmentation
        and finals.segment = kept.segment
        and finals.verdict_date > kept.verdict_date
        and finals.final_number = 1
        and finals.effect_amount is not null
    {% for table in ['later_effects', 'later_costs'] %}
    left join {{ table }}
        on {{ table }}.programme_id = kept.programme_id
        and {{ table }}.segmentation = kept.segmentation
        and {{ table }}.segment = kept.segment
        and {{ table }}.verdict_date = kept.verdict_date
    {% endfor %}
),

final as (
    select
        {% for column in said_columns %}
        {{ column }},
        {% endfor %}
        scored_by,
        {{ money(settled('shown_effect')) }} as shown_effect_amount,
        {{ money(settled('shown_error')) }} as shown_effect_standard_error_amount,
        {{ money(settled('shown_low')) }} as shown_effect_low_amount,
        {{ money(settled('shown_high')) }} as shown_effect_high_amount,
        {{ money(settled('shown_cost')) }} as shown_cost_per_month_amount,
        case
            when verdict = 'not_proven' or scored_by is null then null
            when verdict = 'does_not_pay_back' and shown_high < shown_cost then 'confirmed'
            when verdict = 'does_not_pay_back' and shown_low > shown_cost then 'contradicted'
            when verdict <> 'does_not_pay_back' and shown_low > shown_cost then 'confirmed'
            when verdict <> 'does_not_pay_back' and shown_high < shown_cost then 'contradicted'
            else 'undecided'
        end as score,
        abs(shown_effect - effect_amount) <= {{ interval_reach() }} * sqrt(
            power(shown_error, 2) + power(effect_standard_error_amount, 2)
        ) as is_within_error
    from shown
)

select * from final
