-- Grain: one row per customer and month, from their first event to the as-of month
{{ config(materialized='view') }}
with

months as (select * from {{ ref('fct_customer_months') }}),

touched as (select * from {{ ref('int_engagement__by_customer_month') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Before the first row of a kind the extracts do not hold it.
recorded as (
    select
        min(month_date) filter (where product_use_count > 0) as use_from_date,
        min(month_date) filter (where page_view_count > 0) as view_from_date,
        min(month_date) filter (where community_count > 0) as community_from_date
    from touched
),

final as (
    select
        months.customer_key,
        months.month_date,
        months.is_closed_month,
        least(last_day(months.month_date), run_parameters.as_of_date) as end_date,
        day(least(last_day(months.month_date), run_parameters.as_of_date)) as observed_day_count,
        coalesce(months.month_date >= recorded.use_from_date, false) as is_use_recorded,
        coalesce(months.month_date >= recorded.view_from_date, false) as is_view_recorded,
        coalesce(months.month_date >= recorded.community_from_date, false)
            as is_community_recorded,
        -- From the fifth month on, and with all three months before it on record in full.
        coalesce(months.tenure_months >= 4, false)
            and coalesce(
                months.month_date > greatest(
                    coalesce(recorded.use_from_date, recorded.view_from_date),
                    coalesce(recorded.view_from_date, recorded.use_from_date)
                ) + interval 3 month, true
            ) as is_comparable,
        coalesce(touched.interaction_count, 0) as interaction_count,
        coalesce(touched.own_touch_count, 0) as own_touch_count,
        coalesce(touched.active_day_count, 0) as active_day_count,
        coalesce(touched.product_use_count, 0) as product_use_count,
        coalesce(touched.product_use_day_count, 0) as product_use_day_count,
        coalesce(touched.page_view_count, 0) as page_view_count,
        coalesce(touched.community_count, 0) as community_count,
        touched.last_active_date
    from months
    cross join recorded
    cross join run_parameters
    left join touched
        on touched.customer_key = months.customer_key
        and touched.month_date = months.month_date
)

select * from final
