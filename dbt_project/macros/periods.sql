{#- Join condition: two relations agree in these columns. -#}
{% macro same(one, other, columns) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Periods revenue is retained over, with their months. A quarter is that of the calendar; twelve
    months end with each month. -#}
{% macro revenue_periods() -%}
    {{ return([('month', 1), ('quarter', 3), ('twelve_months', 12)]) }}
{%- endmacro %}

{#- Whether the extracts hold rows of a kind from `month` on: from the month of the first one
    (`int_data_coverage`, as `records`). A period that began before it is not on record. -#}
{% macro is_on_record(kind, month) -%}
    coalesce({{ month }} >= date_trunc('month', records.{{ kind }}_from_date), false)
{%- endmacro %}
