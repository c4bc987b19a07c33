-- Grain: one row per programme and customer ever enrolled in it
with

enrolments as (select * from {{ ref('stg_crm__programme_enrolments') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

resolved as (select * from {{ ref('int_customer_identifiers__matched') }}),

accounts as (select * from {{ ref('int_customers__top_accounts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

dated as (
    select
        enrolments.programme_id,
        resolved.customer_key,
        coalesce(programmes.assignment = 'randomised', false) as is_randomised,
        case when programmes.assignment = 'randomised' and programmes.randomised_unit = 'account'
            then coalesce(accounts.account_key, resolved.customer_key)
            else resolved.customer_key
        end as unit_key,
        case when programmes.assignment = 'randomised'
            then coalesce(programmes.randomised_unit, 'customer')
        end as randomised_unit,
        enrolments.arm,
        enrolments.enrolled_at,
        enrolments.enrolment_id,
        {{ month_index(to_local('enrolments.enrolled_at', 'run_parameters.time_zone')) }}
            as month_number
    from enrolments
    inner join resolved
        on resolved.reference_key = {{ reference_key('enrolments') }}
        and resolved.customer_key <> 'unknown'
    cross join run_parameters
    left join programmes
        on programmes.programme_id = enrolments.programme_id
    left join accounts
        on accounts.customer_key = resolved.customer_key
),

drawn as (
    select
        *,
        first_value(arm) over (units order by enrolled_at, enrolment_id) as drawn_arm,
        min(month_number) over units as drawn_number,
        min(arm) over units <> max(arm) over units as is_mixed
    from dated
    window units as (partition by programme_id, unit_key)
),

-- In an experiment the draw of the unit decides, whoever changed sides later: only it is by chance.
-- Elsewhere whoever was treated once is treated, from then on.
entered as (
    select
        programme_id,
        customer_key,
        is_randomised,
        unit_key,
        randomised_unit,
        case when is_randomised then max(drawn_arm) else max(arm) end as arm,
        case
            when is_randomised then min(drawn_number)
            else coalesce(min(month_number) filter (where arm = 'treated'), min(month_number))
        end as entry_number,
        min(month_number) filter (where arm = 'treated') as treated_number,
        is_randomised and bool_or(is_mixed) as is_crossover
    from drawn
    group by programme_id, customer_key, is_randomised, unit_key, randomised_unit
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
        entered.unit_key,
        entered.randomised_unit,
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
