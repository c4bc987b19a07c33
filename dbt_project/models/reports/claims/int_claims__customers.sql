-- Grain: one row per published claim that winning and keeping customers can speak to
with

customers as (select * from {{ ref('dim_customers') }}),

months as (select * from {{ ref('fct_customer_months') }}),

baseline as (select * from {{ ref('int_levers__baseline') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

year_of_data as (
    select
        cast(first_open_month_date - interval 12 month as date) as from_date,
        first_open_month_date as to_date
    from run_parameters
),

won as (
    select
        count(*) as n,
        round({{ exact_mean('customers.acquisition_cost_amount') }}, 8) as mean,
        round({{ exact_variance('cast(customers.acquisition_cost_amount as double)') }}
            / count(*), 8) as error
    from customers
    cross join year_of_data
    where customers.signup_date >= year_of_data.from_date
        and customers.signup_date < year_of_data.to_date
        and customers.acquisition_cost_amount is not null
),

served as (
    select
        months.customer_key,
        cast(count(*) as double) as month_count,
        count(*) - count(months.support_cost_amount) as unknown_count,
        cast(sum(months.support_cost_amount + months.programme_cost_amount) as double) as cost
    from months
    cross join year_of_data
    where months.is_active_at_start
        and months.month_date >= year_of_data.from_date
        and months.month_date < year_of_data.to_date
    group by 1
),

served_mean as (
    select
        count(*) as n,
        {{ exact_sum('month_count') }} as month_count,
        case when sum(unknown_count) = 0
            then round(12 * {{ ratio(exact_sum('cost'), exact_sum('month_count')) }}, 8) end as mean
    from served
),

kept as (
    select
        max(served_mean.n) as n,
        max(served_mean.mean) as mean,
        round(
            144 * {{ exact_sum(
                'power(served.cost - served_mean.mean / 12 * served.month_count, 2)', places=8
            ) }}
            * {{ ratio('max(served_mean.n)', 'max(served_mean.n) - 1') }}
            / nullif(power(max(served_mean.month_count), 2), 0), 8
        ) as error
    from served
    cross join served_mean
),

final as (
    select
        'winning_costs_many_times_keeping' as claim_id,
        won.n + kept.n as n,
        {{ claimed_ratio('won.mean', 'won.error', 'kept.mean', 'kept.error') }},
        false as is_association
    from won
    cross join kept

    union all

    select
        'retailers_retain_few' as claim_id,
        retention_customer_count as n,
        {{ claimed_share('retained_count', 'retention_customer_count') }},
        false as is_association
    from baseline
)

select * from final
