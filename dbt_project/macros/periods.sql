{#- Join condition: two relations agree in these columns. -#}
{% macro same(one, other, columns) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Whether the extracts hold rows of a kind from `month` on: from the month of the first one
    (`int_data_coverage`, as `records`). A period that began before it is not on record. -#}
{% macro is_on_record(kind, month) -%}
    coalesce({{ month }} >= date_trunc('month', records.{{ kind }}_from_date), false)
{%- endmacro %}
