-- Grain: one row per customer_key, the unknown member included
with

golden_records as (select * from {{ ref('int_customers__golden_record') }}),

versions as (select * from {{ ref('stg_crm__customer_versions') }}),

canonical as (select * from {{ ref('int_customers__canonical') }}),

identifiers as (select * from {{ ref('int_customer_identifiers__unioned') }}),

matched as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

sightings as (
    select customer_key, signup_date as seen_date from golden_records

    union all

    select
        matched.customer_key,
        identifiers.first_event_date as seen_date
    from identifiers
    inner join matched
        on matched.reference_key = identifiers.reference_key

    union all

    -- The unknown member is there from the first event of all, even if nothing belongs to it.
    select 'unknown' as customer_key, min(first_event_date) as seen_date from identifiers
),

-- A customer without signup and event is on record since the first extract that names it.
extracts as (
    select
        canonical.customer_key,
        min(versions.extract_date) as extract_date
    from versions
    inner join canonical
        on canonical.customer_id = versions.customer_id
    group by canonical.customer_key
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
