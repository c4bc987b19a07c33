-- Grain: one row per kind of customer
with

months as (select * from {{ ref('fct_customer_months') }}),

customers as (select * from {{ ref('dim_customers') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (
    select {{ setting('simple_clv_horizon_months', 'int') }} as horizon_months
    from {{ ref('analyst_settings') }}
),

counted as (
    select
        customers.customer_kind,
        count(*) filter (where months.is_active_at_start) as active_month_count,
        count(*) filter (where months.is_churned) as lost_count
    from months
    inner join customers
        on customers.customer_key = months.customer_key
    cross join run_parameters
    where months.is_closed_month
        and months.month_date >= run_parameters.first_open_month_date - interval 12 month
    group by customers.customer_kind
),

-- Nobody lost means an endless life: the horizon is then the longest anybody plans for.
final as (
    select
        counted.customer_kind,
        counted.active_month_count,
        counted.lost_count,
        {{ ratio('counted.lost_count', 'counted.active_month_count') }} as monthly_churn_rate,
        case
            when counted.active_month_count > 0 then least(
                cast(settings.horizon_months as double),
                coalesce(
                    {{ ratio('counted.active_month_count', 'counted.lost_count') }},
                    cast(settings.horizon_months as double)
                )
            )
        end as average_lifetime_months
    from counted
    cross join settings
)

select * from final
