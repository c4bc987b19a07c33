-- Grain: one row per kind of customer, line level and ordered pair of product lines
with

co_ownership as (
    select
        *,
        {{ interval_reach() }} * error_both as both_half_width
    from {{ ref('int_product_lines__co_ownership') }}
),

p_values as (
    select
        *,
        {{ two_sided_p_value(ratio('customer_count_both - expected_both', 'error_both')) }}
            as lift_p_value
    from co_ownership
),

ranked as (
    select
        *,
        lift_p_value * count(lift_p_value) over () / row_number() over (
            order by
                lift_p_value nulls last,
                customer_kind, line_level, product_line_a, product_line_b
        ) as step_p_value
    from p_values
),

-- One pair in twenty is that far off by chance: Benjamini and Hochberg's correction over all pairs.
adjusted as (
    select
        *,
        case when lift_p_value is not null then least(cast(1 as double), min(step_p_value) over (
            order by
                lift_p_value nulls last,
                customer_kind, line_level, product_line_a, product_line_b
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
        {{ wilson_bound('customer_count_both', 'customer_count_a', -1) }} as confidence_rate_low,
        {{ wilson_bound('customer_count_both', 'customer_count_a', 1) }} as confidence_rate_high,
        expected_both as expected_both_count,
        {{ ratio('customer_count_both', 'expected_both') }} as lift,
        case when error_both is not null then greatest(
            cast(0 as double), {{ ratio('customer_count_both - both_half_width', 'expected_both') }}
        ) end as lift_low,
        case when error_both is not null then greatest(
            cast(0 as double), {{ ratio('customer_count_both + both_half_width', 'expected_both') }}
        ) end as lift_high,
        {{ settled('lift_p_value') }} as lift_p_value,
        {{ settled('lift_adjusted_p_value') }} as lift_adjusted_p_value,
        coalesce(customer_count_both > expected_both and lift_adjusted_p_value <= 0.05, false)
            as has_affinity
    from adjusted
)

select * from final
