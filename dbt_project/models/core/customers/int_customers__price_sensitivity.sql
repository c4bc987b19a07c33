-- Grain: one row per customer_key with sales of products that are also sold below their usual price
with

transactions as (select * from {{ ref('fct_transactions') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- What a contract bills was agreed once and is not a decision about a price.
sales as (
    select
        transactions.customer_key,
        transactions.product,
        transactions.currency,
        cast(date_trunc('quarter', transactions.business_date) as date) as quarter_date,
        {{ ratio('transactions.original_amount', 'coalesce(transactions.quantity, 1)') }}
            as unit_price
    from transactions
    cross join run_parameters
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind = 'sale'
        and transactions.product is not null
        and transactions.business_date <= run_parameters.as_of_date
        and contracts.contract_id is null
),

-- Compare within a quarter and a currency: a new price list or a moving rate is not a discount.
medians as (
    select
        product,
        currency,
        quarter_date,
        {{ quantile('unit_price', 0.5) }} as usual_price
    from sales
    group by product, currency, quarter_date
),

compared_sales as (
    select
        sales.*,
        sales.unit_price < 0.95 * medians.usual_price as is_below,
        count(*) over of_product as sale_count,
        sum(case when sales.unit_price < 0.95 * medians.usual_price then 1 else 0 end)
            over of_product as below_count,
        sum(case when sales.unit_price between 0.95 * medians.usual_price
            and 1.05 * medians.usual_price then 1 else 0 end) over of_product as usual_count
    from sales
    inner join medians
        on medians.product = sales.product
        and medians.currency = sales.currency
        and medians.quarter_date = sales.quarter_date
    where sales.unit_price is not null
    window of_product as (partition by sales.product, sales.currency, sales.quarter_date)
),

-- Leave out prices that not even half of the sales were near (not usual) and products that were
-- never sold below it (no choice).
final as (
    select
        customer_key,
        count(*) as priced_sale_count,
        count(*) filter (where is_below) as below_usual_price_sale_count,
        {{ settled(exact_mean('cast(below_count as double) / sale_count')) }} as expected_below_rate
    from compared_sales
    where sale_count >= 10
        and 2 * usual_count >= sale_count
        and below_count > 0
        and customer_key <> 'unknown'
    group by customer_key
)

select * from final
