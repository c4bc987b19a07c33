-- Grain: one row per programme, month and customer enrolled in it that month
with

programme_costs as (select * from {{ ref('stg_crm__programme_costs') }}),

enrolments as (select * from {{ ref('stg_crm__programme_enrolments') }}),

resolved as (select * from {{ ref('int_customer_identifiers__matched') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

monthly as (
    select
        programme_costs.programme_id,
        cast(date_trunc('month', programme_costs.cost_month) as date) as month_date,
        -- Part of a cost is not a cost: one row without a rate, and the month is not known.
        case
            when count(*) = count(rates.rate_to_reporting)
                then cast(sum(
                    {{ to_reporting('programme_costs.amount', 'rates.rate_to_reporting') }}
                ) as decimal(18, 4))
        end as programme_cost_amount
    from programme_costs
    cross join run_parameters
    left join rates
        on rates.currency = programme_costs.currency
        and rates.valid_from <= programme_costs.cost_month
        and rates.valid_to > programme_costs.cost_month
    where programme_costs.cost_month <= run_parameters.as_of_date
    group by 1, 2
),

-- Who was in it on any day of the month; a control group costs the programme nothing.
enrolled as (
    select distinct
        monthly.programme_id,
        monthly.month_date,
        monthly.programme_cost_amount,
        coalesce(resolved.customer_key, 'unknown') as customer_key
    from monthly
    cross join run_parameters
    inner join enrolments
        on enrolments.programme_id = monthly.programme_id
        and enrolments.arm = 'treated'
        and cast({{ to_local('enrolments.enrolled_at', 'run_parameters.time_zone') }} as date)
            <= last_day(monthly.month_date)
        and coalesce(
            cast({{ to_local('enrolments.left_at', 'run_parameters.time_zone') }} as date)
                >= monthly.month_date,
            true
        )
    left join resolved
        on resolved.reference_key = {{ reference_key('enrolments') }}
),

-- Counted in the smallest unit of money (0.0001), so that the shares add up exactly.
ranked as (
    select
        *,
        cast(programme_cost_amount * 10000 as bigint) as units,
        count(*) over (partition by programme_id, month_date) as enrolled_count,
        row_number() over (
            partition by programme_id, month_date
            order by customer_key
        ) as position_in_month
    from enrolled
),

final as (
    select
        programme_id,
        month_date,
        customer_key,
        'enrolled' as allocation_rule,
        enrolled_count,
        {{ money('cast((units - units % enrolled_count) / enrolled_count as bigint)'
            ~ ' * cast(0.0001 as decimal(5, 4))'
            ~ ' + case when position_in_month <= units % enrolled_count'
            ~ ' then cast(0.0001 as decimal(5, 4)) else 0 end') }} as programme_cost_amount
    from ranked

    union all

    select
        monthly.programme_id,
        monthly.month_date,
        'unknown' as customer_key,
        'nobody_enrolled' as allocation_rule,
        0 as enrolled_count,
        monthly.programme_cost_amount
    from monthly
    left join enrolled
        on enrolled.programme_id = monthly.programme_id
        and enrolled.month_date = monthly.month_date
    where enrolled.programme_id is null
)

select * from final
