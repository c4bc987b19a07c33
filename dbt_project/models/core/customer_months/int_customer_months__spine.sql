-- Grain: one row per customer and month, from their first event to the as-of month
{{ config(materialized='view') }}
with

first_seen as (select * from {{ ref('int_customers__first_seen') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

first_events as (
    {% for model in [
        'int_transactions__by_customer_month', 'int_contracts__by_customer_month',
        'int_interactions__by_customer_month', 'int_programme_costs__by_customer',
        'int_support_costs__by_ticket',
    ] %}
    select customer_key, min(month_date) as month_date
    from {{ ref(model) }}
    group by customer_key
    union all
    {% endfor %}
    select
        customer_key,
        cast(date_trunc('month', first_seen_date) as date) as month_date
    from first_seen
),

first_months as (
    select
        customer_key,
        min(month_date) as first_month_date
    from first_events
    group by customer_key
),

months as (
    select
        first_months.customer_key,
        first_months.first_month_date,
        run_parameters.as_of_date,
        {{ date_spine('first_months.first_month_date', 'run_parameters.as_of_date', 'month') }}
            as month_at
    from first_months
    cross join run_parameters
),

final as (
    select
        customer_key,
        cast(month_at as date) as month_date,
        first_month_date,
        last_day(cast(month_at as date)) <= as_of_date as is_closed_month,
        least(last_day(cast(month_at as date)), as_of_date) as end_date
    from months
)

select * from final
