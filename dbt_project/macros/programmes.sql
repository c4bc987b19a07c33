{#- Mean gap of matched treated customer-months by keys, with the standard error of the effect on
    exactly these customers.

    Reads a CTE `gaps` with the keys, cell_number, customer_key, unit_key, weight, gap_amount
    (treated), control_influence, peer_deviation, peer_weight (untreated) and deviation_amount (both
    arms of a randomised programme). What is added up, and why, is said in the references: of
    natural comparisons tests/reference/effects.py, average_over_treated; of randomised ones, whose
    error is that of both arms, tests/reference/randomisation.py, statistics. -#}
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
            {{ exact_sum('peer_deviation * weight') }} as peer_sum,
            count(peer_deviation) as peer_months,
            max(peer_weight) as peer_weight
        from gaps
        group by {{ by_cell }}, customer_key
    ),

    -- By how long they were watched: few rows, where windows over all paths would take minutes.
    lengths as (
        select
            {{ by_cell }},
            peer_months,
            count(*) as peer_count,
            {{ exact_sum('peer_weight') }} as weight,
            {{ exact_sum('peer_weight * peer_weight') }} as weight_square,
            {{ exact_sum('peer_weight * peer_sum') }} as peer_sum,
            {{ exact_sum('peer_weight * peer_sum * peer_sum', places=8) }} as peer_square
        from paths
        where peer_months > 0
        group by {{ by_cell }}, peer_months
    ),

    longest as (
        select
            *,
            max(peer_months) over (partition by {{ by_cell }}) as longest_months
        from lengths
    ),

    watched as (
        select
            *,
            peer_months = longest_months or sum(
                case when peer_months = longest_months then peer_count else 0 end
            ) over (partition by {{ by_cell }}) < 2 as is_watched
        from longest
    ),

    scatters as (
        select
            {{ keys | join(', ') }},
            {{ ratio(
                exact_sum('peer_square', places=8) ~ ' - power(' ~ exact_sum('peer_sum')
                    ~ ', 2) / nullif(' ~ exact_sum('weight') ~ ', 0)',
                exact_sum('weight') ~ ' - ' ~ exact_sum('weight_square')
                    ~ ' / nullif(' ~ exact_sum('weight') ~ ', 0)'
            ) }} as own_variance
        from watched
        where is_watched
        group by {{ by_cell }}
    ),

    own_variances as (
        select
            {{ keys | join(', ') }},
            {{ exact_sum('own_variance', places=8) }} as own_variance
        from scatters
        group by {{ keys | join(', ') }}
    ),

    customers as (
        select
            {{ keys | join(', ') }}, customer_key,
            {{ exact_sum('gap_sum') }} as gap_sum,
            {{ exact_sum('month_sum') }} as month_sum,
            sum(month_count) as month_count,
            {{ exact_sum('control_sum') }} as control_sum,
            sum(peer_months) as peer_months
        from paths
        group by {{ keys | join(', ') }}, customer_key
    ),

    sums as (
        select
            {{ keys | join(', ') }},
            {{ exact_sum('gap_sum') }} as gap_sum,
            {{ exact_sum('month_sum') }} as month_sum,
            {{ exact_sum('control_sum * control_sum', places=8) }} as control_variance,
            count(*) filter (where month_count > 0) as matched_customer_count,
            cast(sum(month_count) as bigint) as matched_month_count,
            -- Also who enters later, for the months before.
            count(*) filter (where peer_months > 0) as control_customer_count
        from customers
        group by {{ keys | join(', ') }}
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
                ~ ' + own_variances.own_variance))', 'sums.month_sum') }} as error_amount
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

{#- Normal score of an amount: where arms were drawn by the reach of its interval, so that interval
    and p-value say the same; elsewhere of t. -#}
{% macro score_of_reach(amount, error) -%}
    coalesce(
            {{ ratio(amount, error) }} * {{ interval_reach() }}
                / nullif(case when {{ amount }} > 0 then low_reach else high_reach end, 0),
            {{ normal_of_t(ratio(amount, error), 'effect_degrees') }}
        )
{%- endmacro %}
