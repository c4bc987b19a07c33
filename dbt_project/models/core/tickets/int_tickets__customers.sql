-- Grain: one row per ticket, whose it is, and when and how it came in
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

attributed as (select * from {{ ref('int_customers__golden_record') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

owned as (
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
        owned.ticket_id,
        owned.customer_key,
        owned.created_at,
        owned.opened_date,
        cast(date_trunc('month', owned.opened_date) as date) as month_date,
        owned.channel,
        coalesce(owned.opened_date < attributed.signup_date, false) as is_before_signup
    from owned
    left join attributed
        on attributed.customer_key = owned.customer_key
)

select * from final
