{#- A model's schema follows from the prefix of its name: what analysts read is in `cx`, wherever
    in the folders it is made. A folder may name another (`restricted`). -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name -%}{{ custom_schema_name }}
    {%- elif node.resource_type != 'model' -%}{{ target.schema }}
    {%- elif is_published(node.name) -%}cx
    {%- elif node.name.startswith('stg_') -%}staging
    {%- else -%}intermediate
    {%- endif -%}
{%- endmacro %}

{#- Published tables stand in a file of their own, which is what the second gate checks. -#}
{% macro generate_database_name(custom_database_name=none, node=none) -%}
    {%- if custom_database_name -%}{{ custom_database_name }}
    {%- elif node and node.resource_type == 'model' and is_published(node.name) -%}candidate
    {%- else -%}{{ target.database }}
    {%- endif -%}
{%- endmacro %}

{% macro is_published(name) -%}
    {{ return(name.split('_')[0] in ('dim', 'fct', 'bridge', 'rpt', 'v')) }}
{%- endmacro %}
