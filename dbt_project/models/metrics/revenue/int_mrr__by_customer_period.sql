-- Grain: one row per customer, period kind and closed period with MRR at its start or end
with

ledgers as (
    select * from {{ ref('fct_revenue_movements') }}
    where is_closed_month
),

rates as (select * from {{ ref('int_exchange_rates__monthly') }}),

-- A ledger has no gaps and begins with nothing, so its last rows are the months of a period.
periods as (
    {% for period_kind, months in revenue_periods() %}
    select
        customer_key,
        currency,
        '{{ period_kind }}' as period_kind,
        cast(month_date - interval {{ months - 1 }} month as date) as period_date,
        first_value(original_mrr_begin_amount) over {{ period_kind }}_window as mrr_begin_amount,
        original_mrr_end_amount as mrr_end_amount,
        sum(original_price_amount) over {{ period_kind }}_window as price_amount,
        sum(original_cross_sell_amount) over {{ period_kind }}_window as cross_sell_amount,
        sum(original_churn_amount + original_contraction_amount) over {{ period_kind }}_window
            as fall_amount,
        coalesce(max(original_mrr_end_amount) over (
            partition by customer_key, currency
            order by month_date
            rows between unbounded preceding and {{ months }} preceding
        ), 0) > 0 as had_mrr_before
    from ledgers
    window {{ period_kind }}_window as (
        partition by customer_key, currency
        order by month_date
        rows between {{ months - 1 }} preceding and current row
    )
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Both ends of a period at the rate of its first day: no rate moves MRR, and none that comes later
-- changes what has been published.
summed as (
    select
        periods.customer_key,
        periods.period_kind,
        periods.period_date,
        cast(
            sum({{ to_reporting('periods.mrr_begin_amount', 'rates.rate_to_reporting') }})
            as decimal(18, 4)
        ) as mrr_begin_amount,
        cast(
            sum({{ to_reporting('periods.mrr_end_amount', 'rates.rate_to_reporting') }})
            as decimal(18, 4)
        ) as mrr_end_amount,
        cast(
            sum({{ to_reporting('periods.price_amount', 'rates.rate_to_reporting') }})
            as decimal(18, 4)
        ) as price_amount,
        cast(
            sum({{ to_reporting('periods.cross_sell_amount', 'rates.rate_to_reporting') }})
            as decimal(18, 4)
        ) as cross_sell_amount,
        bool_or(periods.had_mrr_before) as had_mrr_before,
        sum(periods.fall_amount) > 0 as is_less_of_something
    from periods
    inner join rates
        on rates.currency = periods.currency
        and rates.month_date = periods.period_date
    where periods.period_kind <> 'quarter'
        or periods.period_date = date_trunc('quarter', periods.period_date)
    group by periods.customer_key, periods.period_kind, periods.period_date
),

-- A customer who goes from one currency to another neither leaves nor comes: their ledgers are
-- netted as lines are inside one.
in_force as (
    select
        *,
        greatest(mrr_end_amount - mrr_begin_amount, 0) as rise_amount,
        mrr_begin_amount > 0 and not is_less_of_something as is_more_only
    from summed
    where mrr_begin_amount > 0
        or mrr_end_amount > 0
),

-- Price first, then products the customer did not have; what is left is more of the same.
with_price as (
    select
        *,
        case when is_more_only then least(price_amount, rise_amount) else 0 end
            as price_rise_amount,
        case when is_more_only then least(price_amount + cross_sell_amount, rise_amount) else 0 end
            as price_and_cross_amount
    from in_force
),

final as (
    select
        customer_key,
        period_kind,
        period_date,
        mrr_begin_amount,
        {{ money(
            'case when mrr_begin_amount = 0 and not had_mrr_before then mrr_end_amount else 0 end'
        ) }} as new_amount,
        {{ money(
            'case when mrr_begin_amount = 0 and had_mrr_before then mrr_end_amount else 0 end'
        ) }} as reactivation_amount,
        {{ money(
            'case when mrr_begin_amount = 0 then 0 else rise_amount - price_and_cross_amount end'
        ) }} as expansion_amount,
        {{ money('price_and_cross_amount - price_rise_amount') }} as cross_sell_amount,
        {{ money('price_rise_amount') }} as price_amount,
        {{ money(
            'case
                when mrr_end_amount > 0 then greatest(mrr_begin_amount - mrr_end_amount, 0) else 0
            end'
        ) }} as contraction_amount,
        {{ money('case when mrr_end_amount = 0 then mrr_begin_amount else 0 end') }}
            as churn_amount,
        mrr_end_amount
    from with_price
)

select * from final
