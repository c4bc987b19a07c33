-- Grain: one row per lost customer with a historic CLV above the median of its kind
with

customer_months as (select * from {{ ref('fct_customer_months') }}),

customers as (select * from {{ ref('dim_customers') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

losses as (
    select
        customer_key,
        month_date,
        is_churned,
        min(case when is_reactivated then month_date end) over (
            partition by customer_key
            order by month_date
            rows between 1 following and unbounded following
        ) as next_return_date
    from customer_months
    where is_closed_month
),

-- Losses whose horizon for a return is over.
return_rates as (
    select
        customers.customer_kind,
        count(distinct losses.customer_key) as customer_count,
        count(*) as lost_count,
        count(*) filter (
            where {{ month_boundaries('losses.month_date', 'losses.next_return_date') }}
                <= settings.win_back_horizon_months
        ) as returned_count
    from losses
    cross join settings
    cross join run_parameters
    inner join customers
        on customers.customer_key = losses.customer_key
    where losses.is_churned
        and {{ month_boundaries('losses.month_date', 'run_parameters.first_open_month_date') }}
            > settings.win_back_horizon_months
    group by customers.customer_kind
),

active_months as (
    select
        customer_key,
        count(*) filter (where is_active_at_start or is_active_at_end) as active_month_count
    from customer_months
    group by customer_key
),

medians as (
    select
        customer_kind,
        {{ quantile('historic_clv_amount', 0.5) }} as median_clv_amount
    from returns
    where tenure_months is not null
    group by customer_kind
),

final as (
    select
        returns.customer_key,
        'win_back' as trigger,
        concat(
            'lost ', returns.months_since_churn, ' months ago, brought in ',
            cast(round(returns.historic_clv_amount) as bigint), ' before; the median is ',
            cast(round(medians.median_clv_amount) as bigint)
        ) as reason,
        cast(null as date) as due_date,
        cast(
            12 * {{ ratio('returns.historic_clv_amount', 'active_months.active_month_count') }}
            as decimal(18, 4)
        ) as base_amount,
        {{ ratio('return_rates.returned_count', 'return_rates.lost_count') }} as rate,
        coalesce(return_rates.customer_count, 0) as rate_customer_count,
        'baseline' as value_basis,
        concat(
            '12 × historic CLV ÷ active months × share of the lost of that kind who came back',
            ' within the horizon'
        ) as value_formula
    from returns
    cross join settings
    inner join medians
        on medians.customer_kind = returns.customer_kind
        and returns.historic_clv_amount > medians.median_clv_amount
    inner join active_months
        on active_months.customer_key = returns.customer_key
    left join return_rates
        on return_rates.customer_kind = returns.customer_kind
    where returns.months_since_churn <= settings.win_back_months
)

select * from final
