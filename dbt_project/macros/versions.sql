{#- Latest version of each key among the extract batches that the run may see. The order is total,
    so two runs on one lake pick the same row. `source_table` is the name of a CTE. -#}
{% macro latest_version(source_table, key_columns, version_column=none) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key_columns | join(', ') }}
                order by
                    extract_date desc,
                    {%- if version_column %}
                    {{ version_column }} desc nulls last,
                    {%- endif %}
                    file_name desc,
                    row_number desc
            ) as version_rank
        from {{ source_table }}
    ) as versions
    where version_rank = 1
{%- endmacro %}


{# Entries of a ledger that share a key add up; a later extract replaces all of them. #}
{% macro latest_entries(source_table, key_columns) -%}
    select *
    from (
        select
            *,
            rank() over (
                partition by {{ key_columns | join(', ') }}
                order by extract_date desc
            ) as version_rank
        from {{ source_table }}
    ) as versions
    where version_rank = 1
{%- endmacro %}
