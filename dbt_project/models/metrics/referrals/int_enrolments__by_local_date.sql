-- Grain: one row per enrolment of a known customer in a programme
with

enrolments as (select * from {{ ref('stg_crm__programme_enrolments') }}),

resolved as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

final as (
    select
        enrolments.enrolment_id,
        enrolments.programme_id,
        resolved.customer_key,
        enrolments.arm,
        cast({{ to_local('enrolments.enrolled_at', 'run_parameters.time_zone') }} as date)
            as enrolled_date,
        -- The day it ended is the first day without; a running one never ends.
        coalesce(
            cast({{ to_local('enrolments.left_at', 'run_parameters.time_zone') }} as date),
            date '9999-12-31'
        ) as left_date
    from enrolments
    cross join run_parameters
    inner join resolved
        on resolved.reference_key = {{ reference_key('enrolments') }}
    where resolved.customer_key <> 'unknown'
)

select * from final
