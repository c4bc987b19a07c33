{#- Mean gap of matched treated customer-months by keys, with the standard error of the effect on
    exactly these customers.

    Reads a CTE `gaps` with the keys, cell_number, customer_key, weight, gap_amount (treated) and
    control_influence, peer_deviation, peer_weight (untreated). What is added up, and why, is said
    in the reference: tests/reference/effects.py, average_over_treated. -#}
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

    measured as (
        select
            sums.*,
            {{ fewest }} as fewest_customer_count,
            nullif({{ fewest }}, 0) / 2 as degrees_of_freedom,
            {{ ratio('sums.gap_sum', 'sums.month_sum') }} as effect_amount,
            {{ ratio(
                'sqrt(sums.control_variance + own_variances.own_variance)', 'sums.month_sum'
            ) }} as error_amount
        from sums
        left join own_variances
            on {% for key in keys %}own_variances.{{ key }} = sums.{{ key }}
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
