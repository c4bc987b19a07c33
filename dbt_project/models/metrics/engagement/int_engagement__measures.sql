-- Grain: one row per customer and month, from their first event to the as-of month
{{ config(materialized='view') }}
with

months as (select * from {{ ref('fct_customer_months') }}),

touches as (select * from {{ ref('int_touchpoints__with_revenue') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

records as (select * from {{ ref('int_data_coverage') }}),

-- What the company sends or bills is not the customer's doing.
flagged as (
    select
        *,
        coalesce(direction, 'inbound') <> 'outbound'
            and (interaction_kind <> 'purchase' or is_value) as is_own
    from touches
),

monthly as (
    select
        customer_key,
        month_date,
        count(*) as interaction_count,
        count(*) filter (where is_own) as own_interaction_count,
        count(distinct case when is_own then business_date end) as active_day_count,
        cast(coalesce(sum(quantity) filter (where interaction_kind = 'product_use'), 0) as bigint)
            as product_use_count,
        count(distinct case when interaction_kind = 'product_use' then business_date end)
            as product_use_day_count,
        cast(coalesce(sum(quantity) filter (where interaction_kind = 'page_view'), 0) as bigint)
            as page_view_count,
        count(*) filter (
            where interaction_kind in ('community_post', 'social_mention', 'review')
        ) as community_count,
        max(business_date) filter (where is_own) as last_active_date
    from flagged
    group by customer_key, month_date
),

final as (
    select
        months.customer_key,
        months.month_date,
        months.is_closed_month,
        least(last_day(months.month_date), run_parameters.as_of_date) as end_date,
        day(least(last_day(months.month_date), run_parameters.as_of_date)) as observed_day_count,
        {{ is_on_record('use', 'months.month_date') }} as is_use_recorded,
        {{ is_on_record('view', 'months.month_date') }} as is_view_recorded,
        {{ is_on_record('community', 'months.month_date') }} as is_community_recorded,
        -- From the fifth month on, and with all three months before it on record in full.
        coalesce(months.tenure_months >= 4, false)
            and coalesce(
                months.month_date > date_trunc('month', greatest(
                    coalesce(records.use_from_date, records.view_from_date),
                    coalesce(records.view_from_date, records.use_from_date)
                )) + interval 3 month, true
            ) as is_comparable,
        coalesce(monthly.interaction_count, 0) as interaction_count,
        coalesce(monthly.own_interaction_count, 0) as own_interaction_count,
        coalesce(monthly.active_day_count, 0) as active_day_count,
        coalesce(monthly.product_use_count, 0) as product_use_count,
        coalesce(monthly.product_use_day_count, 0) as product_use_day_count,
        coalesce(monthly.page_view_count, 0) as page_view_count,
        coalesce(monthly.community_count, 0) as community_count,
        monthly.last_active_date
    from months
    cross join records
    cross join run_parameters
    left join monthly
        on monthly.customer_key = months.customer_key
        and monthly.month_date = months.month_date
)

select * from final
