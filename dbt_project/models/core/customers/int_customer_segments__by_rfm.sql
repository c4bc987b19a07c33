-- Grain: one row per customer_key who ever bought and month start after the first purchase
with

transactions as (select * from {{ ref('fct_transactions') }}),

rfm_segments as (select * from {{ ref('rfm_segments') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

monthly as (
    select
        customer_key,
        month_date,
        count(distinct order_id) filter (where transaction_kind = 'sale') as order_count,
        max(business_date) filter (where transaction_kind = 'sale') as last_sale_date,
        sum(net_revenue_amount) as net_revenue_amount
    from transactions
    where customer_key <> 'unknown'
    group by customer_key, month_date
),

first_months as (
    select
        customer_key,
        min(month_date) as first_month_date
    from monthly
    where order_count > 0
    group by customer_key
),

spine as (
    select
        first_months.customer_key,
        {{ date_spine('first_months.first_month_date', 'run_parameters.as_of_date', 'month') }}
            as month_at
    from first_months
    cross join run_parameters
),

months as (
    select
        customer_key,
        cast(month_at as date) as month_date
    from spine
),

-- Count only what was known when the month began.
trailing_year as (
    select
        months.customer_key,
        months.month_date,
        sum(monthly.order_count) over year_before as order_count,
        sum(monthly.net_revenue_amount) over year_before as net_revenue_amount,
        max(monthly.last_sale_date) over year_before as last_sale_date,
        min(months.month_date) over (partition by months.customer_key) as first_month_date
    from months
    left join monthly
        on monthly.customer_key = months.customer_key
        and monthly.month_date = months.month_date
    window year_before as (
        partition by months.customer_key
        order by months.month_date
        rows between 12 preceding and 1 preceding
    )
),

-- Use rank quintiles, so that equal customers get equal scores; ntile would split ties at random.
scores as (
    select
        customer_key,
        month_date,
        {{ rank_quintile('last_sale_date', 'month_date') }} as recency_score,
        {{ rank_quintile('order_count', 'month_date') }} as frequency_score,
        {{ rank_quintile('coalesce(net_revenue_amount, 0)', 'month_date') }} as value_score
    from trailing_year
    where order_count > 0
),

final as (
    select
        trailing_year.customer_key,
        'rfm' as segmentation,
        coalesce(rfm_segments.segment, 'lapsed') as segment,
        trailing_year.month_date as valid_from_date,
        scores.recency_score,
        scores.frequency_score,
        scores.value_score
    from trailing_year
    left join scores
        on scores.customer_key = trailing_year.customer_key
        and scores.month_date = trailing_year.month_date
    left join rfm_segments
        on rfm_segments.recency_score = scores.recency_score
        and rfm_segments.frequency_value_score
            = cast(floor((scores.frequency_score + scores.value_score + 1) / 2.0) as integer)
    where trailing_year.month_date > trailing_year.first_month_date
)

select * from final
