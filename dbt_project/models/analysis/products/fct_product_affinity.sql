-- Grain: one row per kind of customer, line level and ordered pair of product lines
{%- set pair = 'customer_kind, line_level, product_line_a, product_line_b' %}
with

expected as (select * from {{ ref('int_product_lines__co_ownership') }}),

tested as (
    select
        *,
        {{ two_sided_p_value(ratio('customer_count_both - expected_both', 'error_both')) }}
            as lift_p_value
    from expected
),

ranked as (
    select
        *,
        lift_p_value * count(lift_p_value) over () / row_number() over (
            order by lift_p_value nulls last, {{ pair }}
        ) as step_p_value
    from tested
),

-- Of many pairs one in twenty is that far off by chance: Benjamini and Hochberg over all of them.
adjusted as (
    select
        *,
        case when lift_p_value is not null then least(cast(1 as double), min(step_p_value) over (
            order by lift_p_value nulls last, {{ pair }}
            rows between current row and unbounded following
        )) end as lift_adjusted_p_value
    from ranked
),

final as (
    select
        customer_kind,
        line_level,
        product_line_a,
        product_line_b,
        customer_count,
        customer_count_a,
        customer_count_b,
        customer_count_both,
        {{ ratio('customer_count_b', 'customer_count') }} as share_b_rate,
        {{ ratio('customer_count_both', 'customer_count_a') }} as confidence_rate,
        {% for bound, side in [('low', -1), ('high', 1)] %}
        {{ wilson_bound('customer_count_both', 'customer_count_a', side) }}
            as confidence_rate_{{ bound }},
        {% endfor %}
        expected_both as expected_both_count,
        {{ ratio('customer_count_both', 'expected_both') }} as lift,
        {% for bound, side in [('low', '-'), ('high', '+')] %}
        case when error_both is not null then greatest(cast(0 as double), {{ ratio(
            'customer_count_both ' ~ side ~ ' ' ~ interval_reach() ~ ' * error_both',
            'expected_both'
        ) }}) end as lift_{{ bound }},
        {% endfor %}
        {{ settled('lift_p_value') }} as lift_p_value,
        {{ settled('lift_adjusted_p_value') }} as lift_adjusted_p_value,
        coalesce(customer_count_both > expected_both and lift_adjusted_p_value <= 0.05, false)
            as has_affinity
    from adjusted
)

select * from final
