{#- A sum over the model equals a sum over another, exactly or within a tolerance. -#}
{% test same_sum(
    model, expression, to, to_expression, where='true', to_where='true', tolerance=0
) %}
with

here as (select coalesce(sum({{ expression }}), 0) as total from {{ model }} where {{ where }}),

there as (select coalesce(sum({{ to_expression }}), 0) as total from {{ to }} where {{ to_where }})

select here.total as here_total, there.total as there_total
from here
cross join there
where abs(here.total - there.total) > {{ tolerance }}
{% endtest %}
