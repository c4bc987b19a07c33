{#- A condition that is true, or null where null is allowed, on every row. -#}
{% test holds_for_every_row(model, condition, where='true', is_null_allowed=true) %}
select *
from {{ model }}
where {{ where }}
    and not coalesce({{ condition }}, {{ is_null_allowed }})
{% endtest %}
