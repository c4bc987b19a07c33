-- Grain: one row per programme, month and customer enrolled in it that month
with

programme_costs as (select * from {{ ref('stg_crm__programme_costs') }}),

enrolments as (select * from {{ ref('stg_crm__programme_enrolments') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

monthly_costs as (
    select
        programme_costs.programme_id,
        cast(date_trunc('month', programme_costs.cost_month) as date) as month_date,
        -- One row without a rate makes the month unknown: a part would pass for the whole cost.
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

-- Customers enrolled on any day of the month; a control group costs the programme nothing.
enrolled as (
    select distinct
        monthly_costs.programme_id,
        monthly_costs.month_date,
        monthly_costs.programme_cost_amount,
        coalesce(customers.customer_key, 'unknown') as customer_key
    from monthly_costs
    cross join run_parameters
    inner join enrolments
        on enrolments.programme_id = monthly_costs.programme_id
        and enrolments.arm = 'treated'
        and cast({{ to_local('enrolments.enrolled_at', 'run_parameters.time_zone') }} as date)
            <= last_day(monthly_costs.month_date)
        and coalesce(
            cast({{ to_local('enrolments.left_at', 'run_parameters.time_zone') }} as date)
                >= monthly_costs.month_date,
            true
        )
    left join customers
        on customers.reference_key = {{ reference_key('enrolments') }}
),

-- Count in the smallest unit of money (0.0001), so that the shares add up exactly.
shares as (
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
        cast(
            cast((units - units % enrolled_count) / enrolled_count as bigint)
                * cast(0.0001 as decimal(5, 4))
            + case
                when position_in_month <= units % enrolled_count then cast(0.0001 as decimal(5, 4))
                else 0
            end as decimal(18, 4)
        ) as programme_cost_amount
    from shares

    union all

    select
        monthly_costs.programme_id,
        monthly_costs.month_date,
        'unknown' as customer_key,
        'nobody_enrolled' as allocation_rule,
        0 as enrolled_count,
        monthly_costs.programme_cost_amount
    from monthly_costs
    left join enrolled
        on enrolled.programme_id = monthly_costs.programme_id
        and enrolled.month_date = monthly_costs.month_date
    where enrolled.programme_id is null
)

select * from final
