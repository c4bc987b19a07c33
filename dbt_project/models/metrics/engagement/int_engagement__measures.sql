-- Grain: one row per customer and month, from their first event to the as-of month
{{ config(materialized='view') }}
with

months as (select * from {{ ref('fct_customer_months') }}),

touched as (select * from {{ ref('int_engagement__by_customer_month') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

records as (select * from {{ ref('int_data_coverage') }}),

final as (
    select
        months.customer_key,
        months.month_date,
        months.is_closed_month,
        least(last_day(months.month_date), run_parameters.as_of_date) as end_date,
        day(least(last_day(months.month_date), run_parameters.as_of_date)) as observed_day_count,
        {%- for kind in ['use', 'view', 'community'] %}
        {{ is_on_record(kind, 'months.month_date') }} as is_{{ kind }}_recorded,
        {%- endfor %}
        -- From the fifth month on, and with all three months before it on record in full.
        coalesce(months.tenure_months >= 4, false)
            and coalesce(
                months.month_date > date_trunc('month', greatest(
                    coalesce(records.use_from_date, records.view_from_date),
                    coalesce(records.view_from_date, records.use_from_date)
                )) + interval 3 month, true
            ) as is_comparable,
        coalesce(touched.interaction_count, 0) as interaction_count,
        coalesce(touched.own_interaction_count, 0) as own_interaction_count,
        coalesce(touched.active_day_count, 0) as active_day_count,
        coalesce(touched.product_use_count, 0) as product_use_count,
        coalesce(touched.product_use_day_count, 0) as product_use_day_count,
        coalesce(touched.page_view_count, 0) as page_view_count,
        coalesce(touched.community_count, 0) as community_count,
        touched.last_active_date
    from months
    cross join records
    cross join run_parameters
    left join touched
        on touched.customer_key = months.customer_key
        and touched.month_date = months.month_date
)

select * from final
