{#- Customer-months still served in so many months out of one customer-month now, losing this share
    every month: q + q² + … with q = 1 − share. -#}
{% macro months_served(churn_rate, months) -%}
    case
        when {{ churn_rate }} > 0 then (1 - {{ churn_rate }})
            * (1 - power(1 - {{ churn_rate }}, {{ months }})) / {{ churn_rate }}
        when {{ churn_rate }} = 0 then cast({{ months }} as double)
    end
{%- endmacro %}

{#- Bound of the 95 % interval of a number made of several estimates, from what it would be at the
    two ends of the interval of each: their distances added as squares (MOVER, Zou and Donner
    2008). -1 lower, 1 upper. -#}
{% macro combined_bound(estimate, ends, side) -%}
    {{ estimate }} + {{ side }} * sqrt(
        {%- for one, other in ends %}
        power(greatest(
            {{ side }} * ({{ one }} - {{ estimate }}),
            {{ side }} * ({{ other }} - {{ estimate }}),
            0
        ), 2){{ ' + ' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
