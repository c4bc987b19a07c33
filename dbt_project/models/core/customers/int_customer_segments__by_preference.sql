-- Grain: one row per customer_key and month start after a month with a purchase
with

transactions as (select * from {{ ref('fct_transactions') }}),

category_months as (
    select
        customer_key,
        product_category,
        month_date,
        count(*) as sale_count,
        sum(gross_revenue_amount) as revenue_amount
    from transactions
    where transaction_kind = 'sale'
        and product_category is not null
        and customer_key <> 'unknown'
    group by customer_key, product_category, month_date
),

categories as (select distinct customer_key, product_category from category_months),

purchase_months as (select distinct customer_key, month_date from category_months),

bought_to_date as (
    select
        purchase_months.customer_key,
        purchase_months.month_date,
        categories.product_category,
        sum(category_months.sale_count) over until_then as sale_count,
        sum(category_months.revenue_amount) over until_then as revenue_amount
    from purchase_months
    inner join categories
        on categories.customer_key = purchase_months.customer_key
    left join category_months
        on category_months.customer_key = purchase_months.customer_key
        and category_months.month_date = purchase_months.month_date
        and category_months.product_category = categories.product_category
    window until_then as (
        partition by purchase_months.customer_key, categories.product_category
        order by purchase_months.month_date
        rows between unbounded preceding and current row
    )
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_key, month_date
            order by
                sale_count desc nulls last, revenue_amount desc nulls last, product_category
        ) as preference
    from bought_to_date
),

final as (
    select
        customer_key,
        'preferred_category' as segmentation,
        product_category as segment,
        cast(month_date + interval 1 month as date) as valid_from_date
    from ranked
    where preference = 1
)

select * from final
