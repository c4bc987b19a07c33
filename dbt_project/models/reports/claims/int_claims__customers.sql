-- Grain: one row per published claim measured by winning and keeping customers
{{ config(materialized='view') }}
with

customers as (select * from {{ ref('dim_customers') }}),

months as (select * from {{ ref('fct_customer_months') }}),

baseline as (select * from {{ ref('int_levers__baseline') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- The last twelve closed months.
year_months as (
    select
        months.*,
        run_parameters.first_open_month_date
    from months
    cross join run_parameters
    where months.month_date >= run_parameters.first_open_month_date - interval 12 month
        and months.month_date < run_parameters.first_open_month_date
),

acquisition as (
    select
        count(*) as n,
        round({{ exact_mean('customers.acquisition_cost_amount') }}, 8) as mean,
        round({{ exact_variance('cast(customers.acquisition_cost_amount as double)') }}
            / count(*), 8) as squared_error
    from customers
    cross join run_parameters
    where customers.signup_date >= run_parameters.first_open_month_date - interval 12 month
        and customers.signup_date < run_parameters.first_open_month_date
        and customers.acquisition_cost_amount is not null
),

customer_costs as (
    select
        customer_key,
        cast(count(*) as double) as month_count,
        count(*) - count(support_cost_amount) as unknown_count,
        cast(sum(support_cost_amount + programme_cost_amount) as double) as cost
    from year_months
    where is_active_at_start
    group by customer_key
),

mean_costs as (
    select
        count(*) as n,
        {{ exact_sum('month_count') }} as month_count,
        case when sum(unknown_count) = 0
            then round(12 * {{ ratio(exact_sum('cost'), exact_sum('month_count')) }}, 8) end as mean
    from customer_costs
),

service as (
    select
        max(mean_costs.n) as n,
        max(mean_costs.mean) as mean,
        round(
            144 * {{ exact_sum(
                'power(customer_costs.cost - mean_costs.mean / 12 * customer_costs.month_count, 2)',
                places=8
            ) }}
            * {{ ratio('max(mean_costs.n)', 'max(mean_costs.n) - 1') }}
            / nullif(power(max(mean_costs.month_count), 2), 0), 8
        ) as squared_error
    from customer_costs
    cross join mean_costs
),

cost_ratios as (
    select
        acquisition.n + service.n as n,
        acquisition.mean as won_mean,
        service.mean as kept_mean,
        {{ ratio_of_means('acquisition.mean', 'service.mean') }} as cost_ratio,
        {{ log_ratio_error(
            'acquisition.mean', 'acquisition.squared_error', 'service.mean', 'service.squared_error'
        ) }} as log_error
    from acquisition
    cross join service
),

final as (
    select
        'winning_costs_many_times_keeping' as claim_id,
        n,
        round(cost_ratio, 10) as own_figure,
        round({{ log_bound('cost_ratio', 'log_error', -1) }}, 10) as own_low,
        round({{ log_bound('cost_ratio', 'log_error', 1) }}, 10) as own_high,
        round(won_mean, 10) as own_first_figure,
        round(kept_mean, 10) as own_second_figure,
        false as is_association
    from cost_ratios

    union all

    select
        'retailers_retain_few' as claim_id,
        retention_customer_count as n,
        {{ claimed_share('retained_count', 'retention_customer_count') }},
        false as is_association
    from baseline
)

select * from final
