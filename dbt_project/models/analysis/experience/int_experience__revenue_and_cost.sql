-- Grain: one row per compared signal and horizon, net revenue of as many days before and after
with

signals as (select * from {{ ref('int_experience__index_events') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

customer_months as (select * from {{ ref('fct_customer_months') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

compared as (select * from signals where place = 'compared'),

billed as (
    select
        compared.signal,
        compared.signal_id,
        compared.horizon_days,
        transactions.net_revenue_amount as amount,
        transactions.business_date > compared.signal_date as is_after
    from compared
    inner join transactions
        on transactions.customer_key = compared.customer_key
        and transactions.business_date > compared.signal_date - compared.horizon_days
        and transactions.business_date <= compared.outcome_date
),

months as (
    select
        customer_months.customer_key,
        customer_months.rateable_revenue_amount,
        customer_months.month_date as from_date,
        least(last_day(customer_months.month_date), run_parameters.as_of_date) + 1 as to_date
    from customer_months
    cross join run_parameters
    where customer_months.rateable_revenue_amount <> 0
),

halves as (
    select
        *,
        true as is_after,
        signal_date + 1 as from_date,
        outcome_date + 1 as to_date
    from compared
    union all
    select
        *,
        false as is_after,
        signal_date - horizon_days + 1 as from_date,
        signal_date + 1 as to_date
    from compared
),

-- Contract revenue that no transaction bills is known by month: a part month by its days.
rateable as (
    select
        halves.signal,
        halves.signal_id,
        halves.horizon_days,
        {{ money(
            'months.rateable_revenue_amount * cast(' ~ days_between(
                'greatest(halves.from_date, months.from_date)',
                'least(halves.to_date, months.to_date)'
            ) ~ ' as double) / ' ~ days_between('months.from_date', 'months.to_date')
        ) }} as amount,
        halves.is_after
    from halves
    inner join months
        on months.customer_key = halves.customer_key
        and months.from_date < halves.to_date
        and months.to_date > halves.from_date
),

earned as (
    select signal, signal_id, horizon_days, amount, is_after from billed
    union all
    select signal, signal_id, horizon_days, amount, is_after from rateable
),

final as (
    select
        signal,
        signal_id,
        horizon_days,
        {{ money('coalesce(sum(amount) filter (where is_after), 0)') }} as net_revenue_amount,
        {{ money('coalesce(sum(amount) filter (where not is_after), 0)') }}
            as net_revenue_before_amount
    from earned
    group by 1, 2, 3
)

select * from final
