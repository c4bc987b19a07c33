-- Grain: one row per customer, month and currency, from the first contract to the as-of month
with

classified as (select * from {{ ref('int_mrr_movements') }}),

rates as (select * from {{ ref('int_exchange_rates__monthly') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

movements as (
    select
        customer_key,
        currency,
        month_date,
        sum(change_amount) as change_amount,
        {% for movement in ['new', 'reactivation', 'cross_sell', 'contraction', 'churn'] %}
        coalesce(sum(abs(change_amount)) filter (where movement = '{{ movement }}'), 0)
            as {{ movement }}_amount,
        {% endfor %}
        coalesce(sum(least(price_rise_amount, change_amount))
            filter (where movement = 'expansion'), 0) as price_amount,
        coalesce(sum(change_amount - least(price_rise_amount, change_amount))
            filter (where movement = 'expansion'), 0) as expansion_amount
    from classified
    group by 1, 2, 3
),

-- What rises while something else falls is a change of product: the customer is netted as one, or
-- what is lost would depend on how finely products are told apart.
netted as (
    select
        customer_key,
        currency,
        month_date,
        change_amount,
        new_amount,
        reactivation_amount,
        churn_amount,
        greatest(
            case when contraction_amount = 0 then expansion_amount else change_amount end, 0
        ) as expansion_amount,
        case when contraction_amount = 0 then cross_sell_amount else 0 end as cross_sell_amount,
        case when contraction_amount = 0 then price_amount else 0 end as price_amount,
        case when contraction_amount = 0 then 0 else greatest(-change_amount, 0) end
            as contraction_amount
    from movements
),

firsts as (
    select
        customer_key,
        currency,
        min(month_date) as first_month_date
    from netted
    group by 1, 2
),

months as (
    select
        firsts.customer_key,
        firsts.currency,
        run_parameters.as_of_date,
        {{ date_spine('firsts.first_month_date', 'run_parameters.as_of_date', 'month') }}
            as month_at
    from firsts
    cross join run_parameters
),

stocks as (
    select
        months.customer_key,
        months.currency,
        cast(months.month_at as date) as month_date,
        months.as_of_date,
        coalesce(netted.change_amount, 0) as change_amount,
        {% for movement in ['new', 'reactivation', 'expansion', 'cross_sell', 'price',
            'contraction', 'churn'] %}
        coalesce(netted.{{ movement }}_amount, 0) as {{ movement }}_amount,
        {% endfor %}
        sum(coalesce(netted.change_amount, 0)) over (
            partition by months.customer_key, months.currency
            order by months.month_at
            rows between unbounded preceding and current row
        ) as mrr_end_amount
    from months
    left join netted
        on netted.customer_key = months.customer_key
        and netted.currency = months.currency
        and netted.month_date = cast(months.month_at as date)
),

final as (
    select
        stocks.customer_key,
        stocks.month_date,
        stocks.currency,
        last_day(stocks.month_date) <= stocks.as_of_date as is_closed_month,
        {{ money('stocks.mrr_end_amount - stocks.change_amount') }}
            as original_mrr_begin_amount,
        {{ money('stocks.new_amount') }} as original_new_amount,
        {{ money('stocks.reactivation_amount') }} as original_reactivation_amount,
        {{ money('stocks.expansion_amount') }} as original_expansion_amount,
        {{ money('stocks.cross_sell_amount') }} as original_cross_sell_amount,
        {{ money('stocks.price_amount') }} as original_price_amount,
        {{ money('stocks.contraction_amount') }} as original_contraction_amount,
        {{ money('stocks.churn_amount') }} as original_churn_amount,
        {{ money('stocks.mrr_end_amount') }} as original_mrr_end_amount,
        rates.rate_to_reporting
    from stocks
    left join rates
        on rates.currency = stocks.currency
        and rates.month_date = stocks.month_date
)

select * from final
