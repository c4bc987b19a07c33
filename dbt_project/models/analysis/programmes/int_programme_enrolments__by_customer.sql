-- Grain: one row per programme and customer ever enrolled in it
with

enrolments as (select * from {{ ref('stg_crm__programme_enrolments') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

resolved as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

dated as (
    select
        enrolments.programme_id,
        resolved.customer_key,
        coalesce(programmes.assignment = 'randomised', false) as is_randomised,
        enrolments.arm,
        {{ month_index(to_local('enrolments.enrolled_at', 'run_parameters.time_zone')) }}
            as month_number,
        row_number() over (
            partition by enrolments.programme_id, resolved.customer_key
            order by enrolments.enrolled_at, enrolments.enrolment_id
        ) as enrolment_rank
    from enrolments
    inner join resolved
        on resolved.reference_key = {{ reference_key('enrolments') }}
        and resolved.customer_key <> 'unknown'
    cross join run_parameters
    left join programmes
        on programmes.programme_id = enrolments.programme_id
),

-- In a lottery the draw decides, whoever changed sides later: only the draw is by chance.
-- Elsewhere whoever was treated once is treated, from then on.
entered as (
    select
        programme_id,
        customer_key,
        is_randomised,
        case when is_randomised then min(arm) filter (where enrolment_rank = 1) else max(arm) end
            as arm,
        case
            when is_randomised then min(month_number)
            else coalesce(min(month_number) filter (where arm = 'treated'), min(month_number))
        end as entry_number,
        min(month_number) filter (where arm = 'treated') as treated_number,
        is_randomised and min(arm) <> max(arm) as is_crossover
    from dated
    group by programme_id, customer_key, is_randomised
),

others as (
    select
        mine.programme_id,
        mine.customer_key,
        min(other.treated_number) as other_entry_number
    from entered as mine
    inner join entered as other
        on other.customer_key = mine.customer_key
        and other.programme_id <> mine.programme_id
    group by mine.programme_id, mine.customer_key
),

final as (
    select
        entered.programme_id,
        entered.customer_key,
        entered.arm,
        entered.entry_number,
        entered.treated_number,
        entered.is_crossover,
        entered.is_randomised,
        others.other_entry_number
    from entered
    left join others
        on others.programme_id = entered.programme_id
        and others.customer_key = entered.customer_key
)

select * from final
