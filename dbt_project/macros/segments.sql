{#- Band of employees; NULL when the number is not known. -#}
{% macro size_band(employee_count) -%}
    case
        when {{ employee_count }} is null then null
        when {{ employee_count }} <= 10 then '0001-0010'
        when {{ employee_count }} <= 50 then '0011-0050'
        when {{ employee_count }} <= 200 then '0051-0200'
        when {{ employee_count }} <= 1000 then '0201-1000'
        else '1001+'
    end
{%- endmacro %}

{#- Quintile 1–5 (5 = highest) by rank inside the partition; equal values share a quintile. -#}
{% macro rank_quintile(value, partition) -%}
    least(5, 1 + cast(floor(5 * percent_rank() over (
        partition by {{ partition }}
        order by {{ value }}
    )) as integer))
{%- endmacro %}
