-- Grain: one row per programme and customer ever enrolled in it, by first enrolment
with

enrolments as (select * from {{ ref('stg_crm__programme_enrolments') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

resolved as (select * from {{ ref('int_customer_references__resolved') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

dated as (
    select
        enrolments.programme_id,
        resolved.customer_key,
        enrolments.arm,
        cast(date_trunc('month', {{ to_local(
            'enrolments.enrolled_at', 'run_parameters.time_zone'
        ) }}) as date) as month_date
    from enrolments
    inner join resolved
        on resolved.reference_key = {{ reference_key('enrolments') }}
        and resolved.customer_key <> 'unknown'
    cross join run_parameters
),

-- Whoever was treated once counts as treated, from then on.
entered as (
    select
        programme_id,
        customer_key,
        max(arm) as arm,
        min(month_date) filter (where arm = 'treated') as treated_date,
        min(month_date) as enrolled_date
    from dated
    group by programme_id, customer_key
),

numbered as (
    select
        *,
        coalesce(treated_date, enrolled_date) as entry_date,
        {{ month_index('coalesce(treated_date, enrolled_date)') }} as entry_number
    from entered
),

others as (
    select
        mine.programme_id,
        mine.customer_key,
        min(other.entry_number) as other_entry_number
    from numbered as mine
    inner join numbered as other
        on other.customer_key = mine.customer_key
        and other.programme_id <> mine.programme_id
        and other.arm = 'treated'
    group by mine.programme_id, mine.customer_key
),

final as (
    select
        numbered.programme_id,
        numbered.customer_key,
        numbered.arm,
        numbered.entry_date,
        numbered.entry_number,
        coalesce(programmes.assignment = 'randomised', false) as is_randomised,
        others.other_entry_number
    from numbered
    left join others
        on others.programme_id = numbered.programme_id
        and others.customer_key = numbered.customer_key
    left join programmes
        on programmes.programme_id = numbered.programme_id
)

select * from final
