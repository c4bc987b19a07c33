{#- Minutes from one timestamp to another, as a float: round once, after adding up.
    NULL if either is missing. -#}
{% macro minutes_between(earlier, later) -%}
    {{ return(adapter.dispatch('minutes_between', 'cx_roi')(earlier, later)) }}
{%- endmacro %}
{% macro duckdb__minutes_between(earlier, later) -%}
    (cast(date_diff('microsecond', {{ earlier }}, {{ later }}) as double) / 60000000)
{%- endmacro %}
{% macro spark__minutes_between(earlier, later) -%}
    (cast(unix_micros({{ later }}) - unix_micros({{ earlier }}) as double) / 60000000)
{%- endmacro %}

{#- One row per day from one date to another, both included; none if either is missing.
    Stands alone in a select list. -#}
{% macro each_day(first_date, last_date) -%}
    {{ return(adapter.dispatch('each_day', 'cx_roi')(first_date, last_date)) }}
{%- endmacro %}
{% macro duckdb__each_day(first_date, last_date) -%}
    cast(unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day)) as date)
{%- endmacro %}
{% macro spark__each_day(first_date, last_date) -%}
    explode(case when {{ first_date }} <= {{ last_date }} then
        sequence({{ first_date }}, {{ last_date }}, interval 1 day) end)
{%- endmacro %}

{#- ISO weekday of a date, Monday = 1. -#}
{% macro iso_weekday(day) -%}
    {{ return(adapter.dispatch('iso_weekday', 'cx_roi')(day)) }}
{%- endmacro %}
{% macro duckdb__iso_weekday(day) -%}
    isodow({{ day }})
{%- endmacro %}
{% macro spark__iso_weekday(day) -%}
    (weekday({{ day }}) + 1)
{%- endmacro %}

{#- First instant (UTC) after the data date in the business zone: what is still open then is counted
    up to here. `relation` is a CTE of stg_run__parameters. -#}
{% macro end_of_data(relation='run_parameters') -%}
    {{ to_utc(
        'cast(' ~ relation ~ '.as_of_date + interval 1 day as timestamp)', relation ~ '.time_zone'
    ) }}
{%- endmacro %}
