{#- Customer-months still served in so many months out of one customer-month now, losing this share
    every month: q + q² + … with q = 1 − share. -#}
{% macro months_served(churn_rate, months) -%}
    case
        when {{ churn_rate }} > 0 then (1 - {{ churn_rate }})
            * (1 - power(1 - {{ churn_rate }}, {{ months }})) / {{ churn_rate }}
        when {{ churn_rate }} = 0 then cast({{ months }} as double)
    end
{%- endmacro %}
