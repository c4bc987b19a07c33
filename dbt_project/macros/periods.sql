{#- CTEs that put every row of `relation` into its month and its quarter, under its own survey and
    under 'all': what satisfaction is counted over. -#}
{% macro by_period_and_survey(relation) -%}
periods as (
    select 'month' as period_kind
    union all
    select 'quarter' as period_kind
),

levels as (
    select true as is_survey
    union all
    select false as is_survey
),

counted as (
    select
        {{ relation }}.*,
        periods.period_kind,
        cast(
            case
                when periods.period_kind = 'month' then date_trunc('month', business_date)
                else date_trunc('quarter', business_date)
            end as date
        ) as period_date,
        case when levels.is_survey then survey_id else 'all' end as counted_survey_id
    from {{ relation }}
    cross join periods
    cross join levels
),
{%- endmacro %}

{#- Join condition: two relations agree in these columns. -#}
{% macro same(one, other, columns) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Periods revenue is retained over, with their months. A quarter is that of the calendar; twelve
    months end with each month. -#}
{% macro revenue_periods() -%}
    {{ return([('month', 1), ('quarter', 3), ('twelve_months', 12)]) }}
{%- endmacro %}

{#- Whether the extracts hold rows of a kind from `month` on: from the month of the first one
    (`int_data_coverage`, as `records`). A period that began before it is not on record. -#}
{% macro is_on_record(kind, month) -%}
    coalesce({{ month }} >= date_trunc('month', records.{{ kind }}_from_date), false)
{%- endmacro %}
