{#- Latest version of each key among the extract batches that the run may see. The order is total,
    so two runs on one lake pick the same row. `source_table` is the name of a CTE. What a later
    full extract lacks is gone, unless `with_gone`: then its gone_date says since when. -#}
{% macro latest_version(source_table, key_columns, version_column=none, with_gone=false) -%}
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
        {%- if not with_gone %}
        and gone_date is null
        {%- endif %}
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
        and gone_date is null
{%- endmacro %}
