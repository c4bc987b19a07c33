-- Grain: one row per customer_key, the unknown member included
with

attributed as (select * from {{ ref('int_customers__attributed') }}),

collected as (select * from {{ ref('int_customer_references__collected') }}),

resolved as (select * from {{ ref('int_customer_references__resolved') }}),

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

    select 'unknown' as customer_key, as_of_date as seen_date from run_parameters
),

final as (
    select
        sightings.customer_key,
        -- Neither signed up nor seen: on record since the day of this run at the latest.
        least(coalesce(min(sightings.seen_date), run_parameters.as_of_date),
            run_parameters.as_of_date) as first_seen_date
    from sightings
    cross join run_parameters
    group by sightings.customer_key, run_parameters.as_of_date
)

select * from final
