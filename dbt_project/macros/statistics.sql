{#- Two-sided p-value of a standard normal z, to 15 decimals to z = 7 (Hart 1968, as in West 2005),
    beyond which it is below 3e-12 and 0 here; neither engine has the error function. -#}
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

{#- Half-width of a 95 % interval in standard errors: normal, or of t. -#}
{% macro interval_reach(degrees_of_freedom=none) -%}
    {%- if degrees_of_freedom is none -%} 1.959963984540054
    {%- else -%} {{ t_of_normal(1.959963984540054, degrees_of_freedom) }}
    {%- endif -%}
{%- endmacro %}

{#- What is detectable 80 % of the time, in standard errors. Bloom 1995. -#}
{% macro detectable_reach(degrees_of_freedom) -%}
    ({{ interval_reach(degrees_of_freedom) }}
        + {{ t_of_normal(0.8416212335729143, degrees_of_freedom) }})
{%- endmacro %}

{#- Quantile of t at the probability of a normal z > 0, and back. Wallace 1959; from ten degrees of
    freedom on the 95 % quantile is right to 0.001. student_reach is closer below ten, but has no
    way back, and an interval must say what its p-value says. -#}
{% macro t_of_normal(z, degrees_of_freedom) -%}
    sqrt({{ degrees_of_freedom }} * (exp(power(
        {{ z }} * (8 * {{ degrees_of_freedom }} + 3) / (8 * {{ degrees_of_freedom }} + 1), 2
    ) / {{ degrees_of_freedom }}) - 1))
{%- endmacro %}
{% macro normal_of_t(t, degrees_of_freedom) -%}
    sqrt({{ degrees_of_freedom }} * ln(1 + power({{ t }}, 2) / {{ degrees_of_freedom }}))
        * (8 * {{ degrees_of_freedom }} + 1) / (8 * {{ degrees_of_freedom }} + 3)
{%- endmacro %}

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

{#- Band of a level, each `factor` times as high as the one below; 0 = less than one unit of money.
    A fixed grid, because quantiles cut by the treated put each of them at the edge of its band. -#}
{% macro level_band(level, factor=1.5) -%}
    case
        when abs({{ level }}) < 1 then 0
        else cast(sign({{ level }}) * (floor(ln(abs({{ level }})) / ln({{ factor }})) + 1) as int)
    end
{%- endmacro %}

{#- Band of the months a customer has been one, as programmes are compared. -#}
{% macro programme_tenure_band(months) -%}
    case
        when {{ months }} is null then -1
        when {{ months }} < 6 then 0
        when {{ months }} < 12 then 6
        when {{ months }} < 24 then 12
        else 24
    end
{%- endmacro %}

{#- Whole numbers from `first` to `last`: an expression for a select list. -#}
{% macro number_series(first, last) -%}
    {{ return(adapter.dispatch('number_series', 'cx_roi')(first, last)) }}
{%- endmacro %}
{% macro duckdb__number_series(first, last) -%}
    unnest(generate_series({{ first }}, {{ last }}))
{%- endmacro %}
{% macro spark__number_series(first, last) -%}
    explode(sequence({{ first }}, {{ last }}))
{%- endmacro %}

{#- Number from 0 to 2147483646 by which text is drawn: the first 32 bits of its md5, modulo that
    prime. The same on every engine and in every installation. -#}
{% macro hashed_number(text) -%}
    {{ return(adapter.dispatch('hashed_number', 'cx_roi')(text)) }}
{%- endmacro %}
{% macro duckdb__hashed_number(text) -%}
    cast(concat('0x', substr(md5({{ text }}), 1, 8)) as bigint) % 2147483647
{%- endmacro %}
{% macro spark__hashed_number(text) -%}
    cast(conv(substr(md5({{ text }}), 1, 8), 16, 10) as bigint) % 2147483647
{%- endmacro %}
