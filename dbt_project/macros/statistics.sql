{#- Two-sided p-value of a standard normal z, to 15 digits (Hart 1968, as in West 2005); neither
    engine has the error function. -#}
{% macro two_sided_p_value(z) -%}
    {%- set above = [3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383,
        112.079291497871, 221.213596169931, 220.206867912376] -%}
    {%- set below = [8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461,
        296.564248779674, 637.333633378831, 793.826512519948, 440.413735824752] -%}
    case
        when abs({{ z }}) < 7 then 2 * exp(-power({{ z }}, 2) / 2)
            * {{ horner(above, 'abs(' ~ z ~ ')') }} / {{ horner(below, 'abs(' ~ z ~ ')') }}
        when {{ z }} is not null then cast(0 as double)
    end
{%- endmacro %}

{#- Polynomial with these coefficients, the highest power first. -#}
{% macro horner(coefficients, x) -%}
    {%- for _ in coefficients[1:] %}({% endfor -%}
    cast({{ coefficients[0] }} as double)
    {%- for coefficient in coefficients[1:] %} * {{ x }} + {{ coefficient }}){% endfor -%}
{%- endmacro %}

{#- Half-width of a 95 % interval, and what is detectable 80 % of the time, in standard errors. -#}
{% macro interval_reach() -%} 1.959963984540054 {%- endmacro %}
{% macro detectable_reach() -%} 2.801585218112969 {%- endmacro %}

{#- A month as a number, so that months can be counted. -#}
{% macro month_index(day) -%}
    (year({{ day }}) * 12 + month({{ day }}))
{%- endmacro %}

{#- The first month whose first day is this day or later. -#}
{% macro first_month_from(day) -%}
    ({{ month_index(day) }} + case when day({{ day }}) > 1 then 1 else 0 end)
{%- endmacro %}

{#- First day of a month given as a number. -#}
{% macro month_of_index(index) -%}
    {{ return(adapter.dispatch('month_of_index', 'cx_roi')(index)) }}
{%- endmacro %}
{% macro duckdb__month_of_index(index) -%}
    make_date(
        cast(({{ index }} - 1) // 12 as bigint), cast(({{ index }} - 1) % 12 + 1 as bigint), 1
    )
{%- endmacro %}
{% macro spark__month_of_index(index) -%}
    make_date(
        cast(floor(({{ index }} - 1) / 12) as int), cast(({{ index }} - 1) % 12 + 1 as int), 1
    )
{%- endmacro %}

{#- Band of a level, each half as high again as the one below; 0 = less than one unit of money. A
    fixed grid, because quantiles cut by the treated put each of them at the edge of its band. -#}
{% macro level_band(level) -%}
    case
        when abs({{ level }}) < 1 then 0
        else cast(sign({{ level }}) * (floor(ln(abs({{ level }})) / ln(1.5)) + 1) as int)
    end
{%- endmacro %}

{#- Mean gap of matched treated customer-months by keys, with its standard error by customer.

    Reads a CTE `gaps` with the keys, customer_key, gap_amount (NULL for controls),
    control_influence and weight. The mean is a ratio of sums, so a treated customer's influence
    is their sum of gaps less the mean times their months; who is a control first and treated later
    has one value. Reference: orchestration/lib/science/effects.py. -#}
{% macro estimates_by_customer(keys) -%}
    customer_sums as (
        select
            {{ keys | join(', ') }},
            customer_key,
            coalesce(sum(gap_amount * weight), 0) as gap_sum,
            coalesce(sum(case when gap_amount is not null then weight end), 0) as month_sum,
            count(gap_amount) as month_count,
            sum(control_influence * weight) as control_sum
        from gaps
        group by {{ keys | join(', ') }}, customer_key
    ),

    key_sums as (
        select
            *,
            {{ ratio('sum(gap_sum) over of_key', 'sum(month_sum) over of_key') }} as mean_gap,
            sum(month_sum) over of_key as total_months,
            sum(case when month_count > 0 then 1 else 0 end) over of_key as treated_count
        from customer_sums
        window of_key as (partition by {{ keys | join(', ') }})
    ),

    influences as (
        select
            *,
            {{ ratio(
                '(gap_sum - mean_gap * month_sum)'
                ~ ' * sqrt(' ~ ratio('treated_count', 'treated_count - 1') ~ ') + control_sum',
                'total_months'
            ) }} as influence
        from key_sums
    ),

    estimates as (
        select
            {{ keys | join(', ') }},
            max(mean_gap) as effect_amount,
            sqrt(sum(influence * influence)) as standard_error_amount,
            cast(max(treated_count) as bigint) as matched_customer_count,
            cast(sum(month_count) as bigint) as matched_month_count,
            count(*) filter (where month_count = 0) as control_customer_count
        from influences
        group by {{ keys | join(', ') }}
    )
{%- endmacro %}

{#- Fewest matched treated customers that carry a result. -#}
{% macro least_customers() -%} 20 {%- endmacro %}
