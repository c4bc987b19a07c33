-- Grain: one row per customer_key with a sale of a named product
with

transactions as (select * from {{ ref('fct_transactions') }}),

sales as (
    select
        customer_key,
        product,
        currency,
        {{ ratio('original_amount', 'coalesce(quantity, 1)') }} as unit_price
    from transactions
    where transaction_kind = 'sale'
        and product is not null
),

-- Compared inside a currency, so that a rate that moves is not taken for a discount.
usual_prices as (
    select
        product,
        currency,
        {{ quantile('unit_price', 0.5) }} as median_unit_price
    from sales
    group by product, currency
),

final as (
    select
        sales.customer_key,
        count(*) as priced_sale_count,
        count(*) filter (where sales.unit_price < usual_prices.median_unit_price)
            as below_usual_price_sale_count
    from sales
    inner join usual_prices
        on usual_prices.product = sales.product
        and usual_prices.currency = sales.currency
    where sales.customer_key <> 'unknown'
        and sales.unit_price is not null
    group by sales.customer_key
)

select * from final
