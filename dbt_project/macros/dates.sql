{#- One row per day (week, month) from `first` to `last`: an expression for a select list. -#}
{% macro date_spine(first, last, unit='day') -%}
    {{ return(adapter.dispatch('date_spine', 'cx_roi')(first, last, unit)) }}
{%- endmacro %}
{% macro duckdb__date_spine(first, last, unit) -%}
    unnest(generate_series(
        cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval 1 {{ unit }}
    ))
{%- endmacro %}
{% macro spark__date_spine(first, last, unit) -%}
    explode(sequence(
        cast({{ first }} as timestamp), cast({{ last }} as timestamp), interval 1 {{ unit }}
    ))
{%- endmacro %}

{#- Whole days from one date to a later one. -#}
{% macro days_between(first, last) -%}
    {{ return(adapter.dispatch('days_between', 'cx_roi')(first, last)) }}
{%- endmacro %}
{% macro duckdb__days_between(first, last) -%}
    date_diff('day', cast({{ first }} as date), cast({{ last }} as date))
{%- endmacro %}
{% macro spark__days_between(first, last) -%}
    datediff(cast({{ last }} as date), cast({{ first }} as date))
{%- endmacro %}

{#- Boundaries of months between two dates: January 31 to February 1 is one. -#}
{% macro month_boundaries(first, last) -%}
    ((year({{ last }}) - year({{ first }})) * 12 + month({{ last }}) - month({{ first }}))
{%- endmacro %}
