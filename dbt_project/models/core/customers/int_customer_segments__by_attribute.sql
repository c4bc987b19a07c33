-- Grain: one row per customer_key, segmentation and day from which the record says this segment
{{ config(materialized='view') }}
{%- set segmentations = [
    'customer_kind', 'industry', 'size_band', 'country', 'region', 'acquisition_channel', 'persona',
] %}
with

versions as (select * from {{ ref('stg_crm__customer_versions') }}),

canonical as (select * from {{ ref('int_customers__canonical') }}),

golden_records as (select * from {{ ref('int_customers__golden_record') }}),

-- History comes from the canonical record of the customer.
history as (
    select
        canonical.customer_key,
        versions.extract_date as valid_from_date,
        {% for column in segmentations if column != 'size_band' %}
        nullif(trim(versions.{{ column }}), '') as {{ column }},
        {% endfor %}
        {{ size_band('versions.employee_count') }} as size_band
    from versions
    inner join canonical
        on canonical.customer_id = versions.customer_id
        and canonical.canonical_customer_id = versions.customer_id
),

-- The first version holds for the time before the first extract too. A value that became known
-- later was unknown before; only what the record never states comes from the other records.
final as (
    {% for segmentation in segmentations %}
    select
        history.customer_key,
        '{{ segmentation }}' as segmentation,
        coalesce(
            history.{{ segmentation }},
            case
                when max(history.{{ segmentation }})
                    over (partition by history.customer_key) is null
                    then golden_records.{{ segmentation }}
            end,
            'unknown'
        ) as segment,
        case
            when row_number() over (
                partition by history.customer_key
                order by history.valid_from_date
            ) = 1 then date '0001-01-01'
            else history.valid_from_date
        end as valid_from_date
    from history
    inner join golden_records
        on golden_records.customer_key = history.customer_key
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
