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

{#- First instant (UTC) after the data date in the business zone: what is still open then is counted
    up to here. `relation` is a CTE of stg_run__parameters. -#}
{% macro end_of_data(relation='run_parameters') -%}
    {{ to_utc(
        'cast(' ~ relation ~ '.as_of_date + interval 1 day as timestamp)', relation ~ '.time_zone'
    ) }}
{%- endmacro %}
