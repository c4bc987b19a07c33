-- Grain: one row per customer_key, the unknown member included
with

attributed as (select * from {{ ref('int_customers__golden_record') }}),

versions as (select * from {{ ref('stg_crm__customer_versions') }}),

resolved_customers as (select * from {{ ref('int_customers__canonical') }}),

collected as (select * from {{ ref('int_customer_identifiers__unioned') }}),

resolved as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

sightings as (
    select customer_key, signup_date as seen_date from attributed

    union all

    select
        resolved.customer_key,
        collected.first_event_date as seen_date
    from collected
    inner join resolved
        on resolved.reference_key = collected.reference_key

    union all

    -- The unknown member is there from the first day of all, whether or not anything is its.
    select 'unknown' as customer_key, min(first_event_date) as seen_date from collected
),

-- Neither signed up nor seen: on record since the first extract that names them.
extracts as (
    select
        resolved_customers.customer_key,
        min(versions.extract_date) as extract_date
    from versions
    inner join resolved_customers
        on resolved_customers.customer_id = versions.customer_id
    group by resolved_customers.customer_key
),

final as (
    select
        sightings.customer_key,
        least(
            coalesce(min(sightings.seen_date), min(extracts.extract_date),
                run_parameters.as_of_date),
            run_parameters.as_of_date
        ) as first_seen_date
    from sightings
    cross join run_parameters
    left join extracts
        on extracts.customer_key = sightings.customer_key
    group by sightings.customer_key, run_parameters.as_of_date
)

select * from final
