-- Grain: one row per customer, currency, product line and month in which its MRR changed
{{ config(materialized='view') }}
with

changes as (select * from {{ ref('int_mrr_changes__by_product') }}),

lines as (
    select
        customer_key,
        currency,
        product_category,
        month_date,
        sum(mrr_change_amount) as change_amount,
        sum(price_rise_amount) as price_rise_amount
    from changes
    group by 1, 2, 3, 4
),

line_stocks as (
    select
        *,
        sum(change_amount) over (
            partition by customer_key, currency, product_category
            order by month_date
            rows between unbounded preceding and current row
        ) as line_end_amount
    from lines
),

customers as (
    select
        customer_key,
        currency,
        month_date,
        sum(change_amount) as change_amount
    from lines
    group by 1, 2, 3
),

customer_stocks as (
    select
        *,
        sum(change_amount) over (
            partition by customer_key, currency
            order by month_date
            rows between unbounded preceding and current row
        ) as customer_end_amount
    from customers
),

-- Out of nothing: the first time new, any later time reactivation.
customer_moves as (
    select
        *,
        case
            when customer_end_amount = 0 then 'churn'
            when customer_end_amount > change_amount then 'change'
            when max(customer_end_amount) over (
                partition by customer_key, currency
                order by month_date
                rows between unbounded preceding and 1 preceding
            ) > 0 then 'reactivation'
            else 'new'
        end as move
    from customer_stocks
),

final as (
    select
        line_stocks.customer_key,
        line_stocks.currency,
        line_stocks.product_category,
        line_stocks.month_date,
        line_stocks.change_amount,
        line_stocks.price_rise_amount,
        case
            when customer_moves.move <> 'change' then customer_moves.move
            when line_stocks.change_amount < 0 then 'contraction'
            when line_stocks.line_end_amount = line_stocks.change_amount then 'cross_sell'
            else 'expansion'
        end as movement
    from line_stocks
    inner join customer_moves
        on customer_moves.customer_key = line_stocks.customer_key
        and customer_moves.currency = line_stocks.currency
        and customer_moves.month_date = line_stocks.month_date
)

select * from final
