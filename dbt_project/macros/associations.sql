{#- What is the same of two buckets that are compared: what they are of, and the stratum. Money is
    compared as it changed, so what was spent before is no stratum of it: to match on an amount and
    to difference from it takes a return to the mean for an effect. -#}
{% macro experience_strata() -%}
    {{ return(
        ['signal', 'horizon_days', 'customer_kind', 'tenure_band', 'channel', 'signal_half']
    ) }}
{%- endmacro %}

{#- What an amount of money after a signal is held against, on customers on record for two and a
    half horizons before it: what it was before (base), the change from it, and that less its
    trend. -#}
{% macro experience_parts() -%}
    {{ return(['base', 'change', 'trend_adjusted']) }}
{%- endmacro %}

{#- Squared standard error of the mean of an outcome, from the sums of a relation. -#}
{% macro squared_error(relation, outcome) -%}
    {%- set count -%} {{ relation }}.{{ outcome }}_n {%- endset -%}
    {%- set total -%} {{ relation }}.{{ outcome }}_sum {%- endset -%}
    {%- set square_total -%} {{ relation }}.{{ outcome }}_square_sum {%- endset -%}
    {{ sample_variance(count, total, square_total) }} / nullif({{ count }}, 0)
{%- endmacro %}

{#- Sum of the products of two columns, the same in whatever order the rows come; eight places, so
    that the square of an amount of four is not rounded. -#}
{% macro product_sum(one, other) -%}
    cast(sum(cast(cast({{ one }} as double) * cast({{ other }} as double) as decimal(38, 8)))
        as double)
{%- endmacro %}

{#- Sum of the products of the deviations of two columns from their means, in whatever order the
    rows come; both are known in the same rows. -#}
{% macro deviation_product_sum(one, other) -%}
    {%- set product -%} ({{ one }}) * ({{ other }}) {%- endset -%}
    ({{ exact_sum(product) }}
        - {{ exact_sum(one) }} * {{ exact_sum(other) }}
        / nullif(count({{ one }}), 0))
{%- endmacro %}

{#- Sample variance of a column, in whatever order the rows come; NULL for fewer than two values.
    Eight places are for money, fifteen for what is near 1. -#}
{% macro exact_variance(column, condition=none, places=8) -%}
    {%- set count -%} count({{ column }}){{ rows_added(condition, none) }} {%- endset -%}
    {%- set square -%} ({{ column }}) * ({{ column }}) {%- endset -%}
    {{ sample_variance(
        count,
        exact_sum(column, condition, places=places),
        exact_sum(square, condition, places=places)
    ) }}
{%- endmacro %}

{#- Correlation of two columns, in whatever order the rows come; NULL where one does not vary. -#}
{% macro exact_correlation(one, other) -%}
    {{ deviation_product_sum(one, other) }} / nullif(sqrt(
        {{ exact_variance(one, places=15) }} * {{ exact_variance(other, places=15) }}
    ) * (count({{ one }}) - 1), 0)
{%- endmacro %}

{#- How long somebody had been a customer on a day. -#}
{% macro tenure_band(first_active_date, day) -%}
    case
        when {{ first_active_date }} is null or {{ first_active_date }} > {{ day }}
            then 'never_active'
        when {{ days_between(first_active_date, day) }} < 91 then 'under_3_months'
        when {{ days_between(first_active_date, day) }} < 365 then 'under_1_year'
        when {{ days_between(first_active_date, day) }} < 1096 then 'under_3_years'
        else 'over_3_years'
    end
{%- endmacro %}

{#- A difference of two sums of squares, 0 where it is no more than rounding: 47 times 19.90 leave
    4e-12 of 18,612. -#}
{% macro squares_left(left, squares) -%}
    case
        when {{ left }} > 1e-12 * ({{ squares }}) then {{ left }}
        when {{ left }} is not null then 0
    end
{%- endmacro %}

{#- Sample variance from a count, a sum and a sum of squares; NULL for fewer than two values, 0
    where all are alike. -#}
{% macro sample_variance(count, total, square_total) -%}
    {%- set deviations -%}
        ({{ square_total }} - {{ total }} * {{ total }} / {{ count }})
    {%- endset -%}
    case when {{ count }} > 1 then
        ({{ squares_left(deviations, square_total) }}) / ({{ count }} - 1)
    end
{%- endmacro %}

{#- Half-width of a 95 % interval in standard errors at these degrees of freedom: Student's t by
    the expansion of Fisher and Cornish, 0.01 % off at 5 degrees and better above. -#}
{% macro student_reach(degrees) -%}
    (1.959963984540054
        + 2.372271230298562 / {{ degrees }}
        + 2.822498615739611 / power({{ degrees }}, 2)
        + 2.555849679507722 / power({{ degrees }}, 3)
        + 1.589534053393823 / power({{ degrees }}, 4))
{%- endmacro %}

{#- Bound of the 95 % interval of a difference of two means (Welch 1947): -1 lower, 1 upper. The
    arguments are the difference and, of each mean, its squared error and its count; NULL where
    neither varies. -#}
{% macro welch_bound(difference, error_one, count_one, error_two, count_two, side) -%}
    {%- set degrees -%}
        (power({{ error_one }} + {{ error_two }}, 2) / (
            power({{ error_one }}, 2) / ({{ count_one }} - 1)
            + power({{ error_two }}, 2) / ({{ count_two }} - 1)
        ))
    {%- endset -%}
    case
        when {{ error_one }} + {{ error_two }} > 0 then
            {{ difference }} + {{ side }} * sqrt({{ error_one }} + {{ error_two }})
            * {{ student_reach(degrees) }}
    end
{%- endmacro %}

{#- Bound of the 95 % interval of a ratio from the standard error of its logarithm; NULL where the
    ratio is 0 or unknown, or the error is: then it has none. -#}
{% macro log_bound(estimate, log_error, side) -%}
    case when {{ estimate }} > 0 and {{ log_error }} > 0
        then {{ estimate }} * exp({{ side }} * {{ interval_reach() }} * {{ log_error }})
    end
{%- endmacro %}
