-- Grain: one row per programme and month of entry of treated customers
with

enrolments as (select * from {{ ref('stg_crm__programme_enrolments') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

resolved as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

entered as (
    select * from {{ ref('int_programme_enrolments__by_customer') }}
    where arm = 'treated'
),

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

last_months as (
    select max(month_number) as month_number from outcomes
),

-- The last month in which somebody was in it; NULL = to this day.
leaves as (
    select
        enrolments.programme_id,
        resolved.customer_key,
        case
            when count(enrolments.left_at) = count(*) then max({{ month_index(
                to_local('enrolments.left_at', 'run_parameters.time_zone') ~ ' - interval 1 day'
            ) }})
        end as left_number
    from enrolments
    inner join resolved
        on resolved.reference_key = {{ reference_key('enrolments') }}
    cross join run_parameters
    where enrolments.arm = 'treated'
    group by enrolments.programme_id, resolved.customer_key
),

ends as (
    select
        programme_id,
        {{ month_index('end_date - interval 1 day') }} as end_number,
        {{ month_index('evaluation_date') }} - 1 as evaluation_number
    from programmes
),

-- People leave a programme because they leave the company: were each followed until they did, only
-- those who stayed would be left to compare. So a month of entry ends as a whole, when the last of
-- its customers has left the programme; who is no customer any more keeps none of it open.
cohorts as (
    select
        entered.programme_id,
        entered.entry_number,
        max(least(leaves.left_number, ends.end_number)) as left_number,
        count(*) filter (
            where active.is_active
                and leaves.left_number is null
                and ends.end_number is null
        ) as open_count
    from entered
    left join leaves
        on leaves.programme_id = entered.programme_id
        and leaves.customer_key = entered.customer_key
    left join ends
        on ends.programme_id = entered.programme_id
    cross join last_months
    left join outcomes as active
        on active.customer_key = entered.customer_key
        and active.month_number = last_months.month_number
    group by entered.programme_id, entered.entry_number
),

-- What is judged ends with the last month closed by the day of judgement, so that what is said then
-- is said for good.
final as (
    select
        cohorts.programme_id,
        cohorts.entry_number,
        least(
            coalesce(case when cohorts.open_count = 0 then cohorts.left_number end, 999998),
            coalesce(ends.evaluation_number, 999998)
        ) as last_number
    from cohorts
    left join ends
        on ends.programme_id = cohorts.programme_id
)

select * from final
