{#- Share or mean that is NULL, never infinite, on an empty denominator. -#}
{% macro ratio(numerator, denominator, type='double') -%}
    cast(({{ numerator }}) as {{ type }}) / nullif({{ denominator }}, 0)
{%- endmacro %}

{#- Money with the one precision it has everywhere. -#}
{% macro money(expression) -%}
    cast({{ expression }} as decimal(18, 4))
{%- endmacro %}

{#- A statistic without the last bits, which depend on the order in which rows were added up. -#}
{% macro settled(expression) -%}
    round(cast({{ expression }} as double), 9)
{%- endmacro %}

{#- Sum and mean of floats, the same in whatever order the rows come: floats added in another order
    differ in the last bits, decimals do not. An aggregate, or with `over` a window. Fifteen places
    hold sums to 1e23; for squares of money give eight, which hold 1e30, and for what is far below 1
    twenty-four, which hold 1e14. -#}
{% macro exact_sum(expression, condition=none, over=none, places=15) -%}
    cast(sum(cast({{ expression }} as decimal(38, {{ places }})))
        {{- rows_added(condition, over) }} as double)
{%- endmacro %}
{% macro exact_mean(expression, condition=none, over=none, places=15) -%}
    ({{ exact_sum(expression, condition, over, places) }}
        / nullif(count({{ expression }}){{ rows_added(condition, over) }}, 0))
{%- endmacro %}
{% macro rows_added(condition, over) -%}
    {%- if condition %} filter (where {{ condition }}){% endif %}
    {%- if over %} over {{ over }}{% endif %}
{%- endmacro %}

{#- Sum and mean of floats in one order, from the least to the greatest: for numbers of any size,
    and for means of few that must come out as floats do. An aggregate, slower than exact_sum. -#}
{% macro ascending_mean(expression) -%}
    ({{ ascending_sum(expression) }} / nullif(count({{ expression }}), 0))
{%- endmacro %}
{% macro ascending_sum(expression) -%}
    {{ return(adapter.dispatch('ascending_sum', 'cx_roi')(expression)) }}
{%- endmacro %}
{% macro duckdb__ascending_sum(expression) -%}
    list_sum(list_sort(list({{ expression }})))
{%- endmacro %}
{% macro spark__ascending_sum(expression) -%}
    aggregate(sort_array(collect_list({{ expression }})), cast(null as double),
        (total, term) -> coalesce(total, 0) + term)
{%- endmacro %}

{#- Pseudonymous key: md5 of the secret of the installation and the id. -#}
{% macro pseudonym(id, secret) -%}
    md5(concat({{ secret }}, '|', {{ id }}))
{%- endmacro %}

{#- Local wall-clock time of a UTC timestamp in an IANA zone. -#}
{% macro to_local(utc_timestamp, zone) -%}
    {{ return(adapter.dispatch('to_local', 'cx_roi')(utc_timestamp, zone)) }}
{%- endmacro %}
{% macro duckdb__to_local(utc_timestamp, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ utc_timestamp }}))
{%- endmacro %}
{% macro spark__to_local(utc_timestamp, zone) -%}
    from_utc_timestamp({{ utc_timestamp }}, {{ zone }})
{%- endmacro %}

{#- UTC timestamp of a local wall-clock time in an IANA zone. -#}
{% macro to_utc(local_timestamp, zone) -%}
    {{ return(adapter.dispatch('to_utc', 'cx_roi')(local_timestamp, zone)) }}
{%- endmacro %}
{% macro duckdb__to_utc(local_timestamp, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ local_timestamp }}))
{%- endmacro %}
{% macro spark__to_utc(local_timestamp, zone) -%}
    to_utc_timestamp({{ local_timestamp }}, {{ zone }})
{%- endmacro %}

{#- Quantile of a column inside a group, proportional between neighbours; an aggregate. -#}
{% macro quantile(expression, share) -%}
    {{ return(adapter.dispatch('quantile', 'cx_roi')(expression, share)) }}
{%- endmacro %}
{% macro duckdb__quantile(expression, share) -%}
    quantile_cont(cast({{ expression }} as double), {{ share }})
{%- endmacro %}
{% macro spark__quantile(expression, share) -%}
    percentile(cast({{ expression }} as double), {{ share }})
{%- endmacro %}

{#- Bound of the 95 % Wilson interval of a share, NULL where nothing was counted: -1 for the lower
    bound, 1 for the upper. Unlike ± 1.96 standard errors it never leaves 0–1; the share is always
    in it, also where all or none were counted. -#}
{% macro wilson_bound(count, total, side) -%}
    case when {{ total }} > 0
    then {{ 'greatest' if side == 1 else 'least' }}(
    {{ ratio(count, total) }}, greatest(0.0, least(1.0, (
        {{ ratio(count, total) }} + 1.9207294 / nullif({{ total }}, 0)
        + {{ side }} * 1.959964 * sqrt(
            {{ ratio(count, total) }} * (1 - {{ ratio(count, total) }}) / nullif({{ total }}, 0)
            + 0.9603647 / nullif(power({{ total }}, 2), 0)
        )
    ) / (1 + 3.8414589 / nullif({{ total }}, 0))))) end
{%- endmacro %}
