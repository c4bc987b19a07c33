-- Grain: one row per ticket, its customer, and when and how it came in
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

golden_records as (select * from {{ ref('int_customers__golden_record') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

matched as (
    select
        tickets.ticket_id,
        tickets.created_at,
        {{ normalised('tickets.channel') }} as channel,
        coalesce(customers.customer_key, 'unknown') as customer_key,
        cast({{ to_local('tickets.created_at', 'run_parameters.time_zone') }} as date)
            as opened_date
    from tickets
    left join customers
        on customers.reference_key = {{ reference_key('tickets') }}
    cross join run_parameters
),

final as (
    select
        matched.ticket_id,
        matched.customer_key,
        matched.created_at,
        matched.opened_date,
        cast(date_trunc('month', matched.opened_date) as date) as month_date,
        matched.channel,
        coalesce(matched.opened_date < golden_records.signup_date, false) as is_before_signup
    from matched
    left join golden_records
        on golden_records.customer_key = matched.customer_key
)

select * from final
