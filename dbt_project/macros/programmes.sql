{#- Mean gap of matched treated customer-months by keys, with the standard error of the effect on
    exactly these customers.

    Reads a CTE `gaps` with the keys, cell_number, customer_key, unit_key, weight, gap_amount
    (treated), control_influence, shared_influence (untreated) and deviation_amount (both arms of a
    randomised programme). What is added up, and why, is said in the references: of natural
    comparisons tests/reference/effects.py, average_over_treated; of randomised ones, whose error
    is that of both arms, tests/reference/randomisation.py, statistics. -#}
{% macro estimates_by_customer(keys) -%}
    {%- set by_cell = keys | join(', ') ~ ', cell_number' -%}
    {%- set fewest = 'least(matched_customer_count, control_customer_count)' -%}
    paths as (
        select
            {{ by_cell }},
            customer_key,
            {{ exact_sum('gap_amount * weight') }} as gap_sum,
            {{ exact_sum('case when gap_amount is not null then weight end') }} as month_sum,
            count(gap_amount) as month_count,
            {{ exact_sum('control_influence * weight') }} as control_sum,
            {{ exact_sum('shared_influence * weight') }} as shared_sum,
            count(control_influence) as control_months
        from gaps
        group by {{ by_cell }}, customer_key
    ),

    customers as (
        select
            {{ keys | join(', ') }}, customer_key,
            {{ exact_sum('gap_sum') }} as gap_sum,
            {{ exact_sum('month_sum') }} as month_sum,
            sum(month_count) as month_count,
            {{ exact_sum('control_sum') }} as control_sum,
            {{ exact_sum('shared_sum') }} as shared_sum,
            sum(control_months) as control_months
        from paths
        group by {{ keys | join(', ') }}, customer_key
    ),

    sums as (
        select
            {{ keys | join(', ') }},
            {{ exact_sum('gap_sum') }} as gap_sum,
            {{ exact_sum('month_sum') }} as month_sum,
            {{ exact_sum('control_sum * control_sum', places=8) }} as control_variance,
            {{ exact_sum('shared_sum * shared_sum', places=8) }} as shared_variance,
            count(*) filter (where month_count > 0) as matched_customer_count,
            cast(sum(month_count) as bigint) as matched_month_count,
            -- Also who enters later, for the months before.
            count(*) filter (where control_months > 0) as control_customer_count
        from customers
        group by {{ keys | join(', ') }}
    ),

    -- Sums of gaps of the treated scatter about the effect, each by how long it was watched; with
    -- them the means of their cells, whose error is in the influence of the untreated already.
    own_variances as (
        select
            {% for key in keys %}
            sums.{{ key }},
            {% endfor %}
            {{ ratio('max(matched_customer_count)', 'max(matched_customer_count) - 1') }}
                * {{ exact_sum(
                    'power(customers.gap_sum - ' ~ ratio('sums.gap_sum', 'sums.month_sum')
                        ~ ' * customers.month_sum, 2)',
                    places=8
                ) }} as own_variance
        from customers
        inner join sums
            on {% for key in keys %}sums.{{ key }} = customers.{{ key }}
            {{- ' and ' if not loop.last }}{% endfor %}
        where customers.month_count > 0
        group by {% for key in keys %}sums.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
    ),

    units as (
        select
            {{ by_cell }},
            gap_amount is not null as is_treated,
            {{ exact_sum('deviation_amount * weight') }} as amount_sum,
            {{ exact_sum('weight') }} as weight_sum
        from gaps
        where deviation_amount is not null
        group by {{ by_cell }}, gap_amount is not null, unit_key
    ),

    arm_means as (
        select
            {{ by_cell }},
            is_treated,
            count(*) as unit_count,
            {{ exact_sum('weight_sum') }} as weight_sum,
            {{ ratio(exact_sum('amount_sum'), exact_sum('weight_sum')) }} as mean_amount
        from units
        group by {{ by_cell }}, is_treated
    ),

    -- A cell counts by the weight of its treated, so the variance of either arm's mean does too.
    arm_variances as (
        select
            {{ by_cell }},
            units.is_treated,
            max(arm_means.unit_count) as unit_count,
            power({{ ratio('max(treated_means.weight_sum)', 'max(arm_means.weight_sum)') }}, 2)
                * {{ exact_sum(
                    'power(units.amount_sum - arm_means.mean_amount * units.weight_sum, 2)',
                    places=8
                ) }} * {{ ratio('max(arm_means.unit_count)', 'max(arm_means.unit_count) - 1') }}
                as variance
        from units
        inner join arm_means
            using ({{ by_cell }}, is_treated)
        inner join arm_means as treated_means
            using ({{ by_cell }})
        where treated_means.is_treated
        group by {{ by_cell }}, units.is_treated
    ),

    -- Degrees of freedom by Satterthwaite (1946).
    randomised_variances as (
        select
            {{ keys | join(', ') }},
            sum(case when is_treated then unit_count else 0 end) as treated_unit_count,
            sum(case when is_treated then 0 else unit_count end) as control_unit_count,
            {{ exact_sum('variance', places=8) }} as variance,
            {{ ratio(
                'power(' ~ exact_sum('variance', places=8) ~ ', 2)',
                ascending_sum('power(variance, 2) / nullif(unit_count - 1, 0)')
            ) }} as degrees_of_freedom
        from arm_variances
        group by {{ keys | join(', ') }}
    ),

    measured as (
        select
            sums.*,
            cast(randomised_variances.treated_unit_count as bigint) as treated_unit_count,
            cast(randomised_variances.control_unit_count as bigint) as control_unit_count,
            coalesce(
                least(
                    randomised_variances.treated_unit_count, randomised_variances.control_unit_count
                ),
                {{ fewest }}
            ) as fewest_unit_count,
            coalesce(randomised_variances.degrees_of_freedom, nullif({{ fewest }}, 0) / 2)
                as degrees_of_freedom,
            {{ ratio('sums.gap_sum', 'sums.month_sum') }} as effect_amount,
            {{ ratio('sqrt(coalesce(randomised_variances.variance, sums.control_variance'
                ~ ' + greatest(own_variances.own_variance - sums.shared_variance'
                ~ ' + sums.control_variance / matched_customer_count,'
                ~ ' own_variances.own_variance / 4)))', 'sums.month_sum') }} as error_amount
        from sums
        left join own_variances
            on {% for key in keys %}own_variances.{{ key }} = sums.{{ key }}
            {{- ' and ' if not loop.last }}{% endfor %}
        left join randomised_variances
            on {% for key in keys %}randomised_variances.{{ key }} = sums.{{ key }}
            {{- ' and ' if not loop.last }}{% endfor %}
    ),

    -- Money has four digits: less than half of the last is the rounding of sums and no spread.
    estimates as (
        select
            *,
            case when error_amount >= 0.00005 then error_amount end
                as effect_standard_error_amount
        from measured
    )
{%- endmacro %}

{#- An amount a customer and month, less what was seen before entry: the end of the interval moves
    there. 0 where the amount is within it. -#}
{% macro beyond_allowances(amount) -%}
    case
            when {{ amount }} > low_allowance_amount then {{ amount }} - low_allowance_amount
            when {{ amount }} < -high_allowance_amount then {{ amount }} + high_allowance_amount
            when {{ amount }} is not null then 0
        end
{%- endmacro %}

{#- What a drift before entry takes off an end of the interval: as much a month as was seen. Where
    it is more than its error it was no chance, and is not known better than that error says, which
    adds to that of the effect as independent errors do. -#}
{% macro drift_allowance(amount, error) -%}
    coalesce(greatest({{ amount }}, 0) * drift_months, 0)
                    + coalesce(case when {{ amount }} > {{ error }} then {{ interval_reach() }} * (
                        sqrt(power(effect_error, 2) + power(drift_months * {{ error }}, 2))
                        - effect_error
                    ) end, 0)
{%- endmacro %}

{#- Normal score of an amount: where arms were drawn by the reach of its interval, so that interval
    and p-value say the same; elsewhere of t. -#}
{% macro score_of_reach(amount, error) -%}
    coalesce(
            {{ ratio(amount, error) }} * {{ interval_reach() }}
                / nullif(case when {{ amount }} > 0 then low_reach else high_reach end, 0),
            {{ normal_of_t(ratio(amount, error), 'effect_degrees') }}
        )
{%- endmacro %}
