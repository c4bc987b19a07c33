-- Grain: one row per compared signal and horizon, revenue and support cost after and before it
{{ config(materialized='view') }}
{%- set periods = {
    '': ('signal_date + 1', 'outcome_date + 1'),
    '_before': ('signal_date - horizon_days + 1', 'signal_date + 1'),
    '_base': (
        'signal_date - cast(1.5 * horizon_days as int) + 1',
        'signal_date - cast(0.5 * horizon_days as int) + 1',
    ),
    '_earlier': (
        'signal_date - cast(2.5 * horizon_days as int) + 1',
        'signal_date - cast(1.5 * horizon_days as int) + 1',
    ),
} %}
with

signals as (select * from {{ ref('int_experience__index_events') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

customer_months as (select * from {{ ref('fct_customer_months') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

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

-- The days after the signal and as many up to it; as many that end half a horizon before it, so
-- that what made the customer answer so is not the level that the time after is held against; and
-- as many before those.
periods as (
    {%- for period, (from_date, to_date) in periods.items() %}
    select
        *,
        '{{ period }}' as period,
        {{ from_date }} as from_date,
        {{ to_date }} as to_date
    from signals
    where place = 'compared'
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

revenue as (
    select
        periods.signal, periods.signal_id, periods.horizon_days, periods.period,
        transactions.net_revenue_amount as amount
    from periods
    inner join transactions
        on transactions.customer_key = periods.customer_key
        and transactions.business_date >= periods.from_date
        and transactions.business_date < periods.to_date

    union all

    -- Contract revenue that no transaction bills is known by month: a part month by its days.
    select
        periods.signal, periods.signal_id, periods.horizon_days, periods.period,
        {{ money(
            'months.rateable_revenue_amount * cast(' ~ days_between(
                'greatest(periods.from_date, months.from_date)',
                'least(periods.to_date, months.to_date)'
            ) ~ ' as double) / ' ~ days_between('months.from_date', 'months.to_date')
        ) }} as amount
    from periods
    inner join months
        on months.customer_key = periods.customer_key
        and months.from_date < periods.to_date
        and months.to_date > periods.from_date
),

-- The ticket that the signal speaks of is not what was there before it.
amounts as (
    select
        *,
        'net_revenue' as outcome
    from revenue
    union all
    select
        periods.signal, periods.signal_id, periods.horizon_days, periods.period,
        tickets.support_cost_amount as amount,
        'support_cost' as outcome
    from periods
    inner join tickets
        on tickets.customer_key = periods.customer_key
        and tickets.opened_date >= periods.from_date
        and tickets.opened_date < periods.to_date
        and tickets.ticket_id is distinct from periods.ticket_id
),

final as (
    select
        signal,
        signal_id,
        horizon_days
        {%- for period in periods %}
        {%- for outcome in ['net_revenue', 'support_cost'] %},
        {{ money("coalesce(sum(amount) filter (where outcome = '" ~ outcome
            ~ "' and period = '" ~ period ~ "'), 0)") }} as {{ outcome }}{{ period }}_amount
        {%- endfor %},
        count(*) filter (
            where outcome = 'support_cost'
                and period = '{{ period }}'
                and amount is null
        ) as unknown_cost{{ period }}_count
        {%- endfor %}
    from amounts
    group by 1, 2, 3
)

select * from final
