{#- Time from now until `until`, each moment discounted to now at a rate per unit of time. -#}
{% macro discounted_span(until, rate) -%}
    case
        when {{ rate }} > 0 then (1 - exp(-({{ rate }}) * {{ until }})) / ({{ rate }})
        else cast({{ until }} as double)
    end
{%- endmacro %}
