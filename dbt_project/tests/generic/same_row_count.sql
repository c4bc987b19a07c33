{#- The model has exactly as many rows as its parent (each optionally filtered). -#}
{% test same_row_count(model, to, where='true', to_where='true') %}
with

here as (select count(*) as row_count from {{ model }} where {{ where }}),

there as (select count(*) as row_count from {{ to }} where {{ to_where }})

select here.row_count as here_count, there.row_count as there_count
from here
cross join there
where here.row_count <> there.row_count
{% endtest %}
