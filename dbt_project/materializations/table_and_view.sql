{#-
A table as this project needs it: the build files are new every night and nobody reads them while
they are made, so nothing is built beside the old table and renamed into its place.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none -%} {% do adapter.drop_relation(existing) %} {%- endif -%}
    {%- set made = create_table_as(False, target, compiled_code, model['language']) -%}
    {%- if model['language'] == 'python' -%}
        {% call statement('main', language='python') -%} {{ made }} {%- endcall %}
    {%- else -%}
        {% do run_as_main(made) %}
    {%- endif -%}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#-
What dbt's `statement` does with the SQL of a node, without a second file of it beside the compiled
one, and the result under the name dbt asks for.
-#}
{% macro run_as_main(sql, fetch=false) %}
    {%- set response, rows = adapter.execute(sql, auto_begin=true, fetch=fetch) -%}
    {% do store_result('main', response=response, agate_table=rows) %}
{% endmacro %}

{#- A test counts; its rows are kept nowhere. -#}
{% materialization test, adapter='duckdb' %}
    {%- set limits = [config.get('warn_if'), config.get('error_if'), none] -%}
    {% do run_as_main(get_test_sql(sql, config.get('fail_calc'), *limits), fetch=true) %}
    {{ return({'relations': []}) }}
{% endmaterialization %}

{#-
The contract of a table, held against its SQL by the engine in one query. Only where they differ
does dbt's own comparison run, column by column: it says which.
-#}
{% macro duckdb__get_assert_columns_equivalent(sql) %}
    {%- set differences = run_query(
        "select column_name from (describe " ~ sql ~ "\n) as made"
        ~ " full join (describe " ~ get_empty_schema_sql(model['columns']) ~ ") as declared"
        ~ " using (column_name, column_type)"
        ~ " where made.column_type is null or declared.column_type is null limit 1"
    ) -%}
    {%- if differences | length -%} {{ assert_columns_equivalent(sql) }} {%- endif -%}
{% endmacro %}

{#- A view, made in place like the tables. -#}
{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none -%} {% do adapter.drop_relation(existing) %} {%- endif -%}
    {% do run_as_main(create_view_as(target, compiled_code)) %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#-
Primary and foreign keys are declared for those who read the contracts and tested by rules of the
models; the engine does not hold them. Held in DuckDB, the primary keys alone double the published
file (38 to 73 MB on the demo), and a foreign key needs the table it points to first, which here is
often made later.
-#}
{% macro duckdb__get_table_columns_and_constraints() %}
    ({{ adapter.render_raw_columns_constraints(raw_columns=model['columns']) | join(', ') }})
{% endmacro %}

{#-
A view analysts read names its tables by schema only: the file is built as `candidate` and opened
under another name.
-#}
{% macro duckdb__create_view_as(relation, sql) %}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create view {{ relation }} as (
        {{ sql | replace(adapter.quote(relation.database) ~ '.', '') }}
    )
{% endmacro %}
