-- Grain: one row per customer and score date, what the customer pays or buys against before
with

scored_customers as (select * from {{ ref('int_health__scored_customers') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

price_periods as (select * from {{ ref('int_contracts__price_periods') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

mrr_under_notice as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        sum(price_periods.mrr_amount) as noticed_mrr_amount
    from scored_customers
    inner join contracts
        on contracts.customer_key = scored_customers.customer_key
        and contracts.start_date <= scored_customers.score_date
        and contracts.end_date > scored_customers.score_date
        and contracts.notice_date <= scored_customers.score_date
    inner join price_periods
        on price_periods.contract_id = contracts.contract_id
        and price_periods.from_date <= scored_customers.score_date
        and coalesce(price_periods.to_date > scored_customers.score_date, true)
    group by scored_customers.customer_key, scored_customers.score_date
),

transaction_days as (
    select
        customer_key,
        business_date,
        sum(net_revenue_amount) as net_revenue_amount,
        max(case when transaction_kind = 'sale' then business_date end) as sale_date,
        min(min(case when transaction_kind = 'sale' then business_date end))
            over (partition by customer_key) as first_sale_date
    from transactions
    group by customer_key, business_date
),

purchases as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        max(transaction_days.sale_date) as last_sale_date,
        min(transaction_days.first_sale_date) as first_sale_date,
        coalesce(sum(transaction_days.net_revenue_amount) filter (
            where transaction_days.business_date > scored_customers.score_date - 180
        ), 0) as net_revenue_180d_amount,
        coalesce(sum(transaction_days.net_revenue_amount) filter (
            where transaction_days.business_date <= scored_customers.score_date - 180
                and transaction_days.business_date > scored_customers.score_date - 360
        ), 0) as net_revenue_prior_180d_amount
    from scored_customers
    inner join transaction_days
        on transaction_days.customer_key = scored_customers.customer_key
        and transaction_days.business_date <= scored_customers.score_date
    where scored_customers.activity_rule <> 'contract'
    group by scored_customers.customer_key, scored_customers.score_date
),

measures as (
    select
        scored_customers.*,
        coalesce(mrr_under_notice.noticed_mrr_amount, 0) as noticed_mrr_amount,
        {{ days_between('purchases.last_sale_date', 'scored_customers.score_date') }}
            as days_since_sale,
        purchases.first_sale_date,
        purchases.net_revenue_180d_amount,
        purchases.net_revenue_prior_180d_amount,
        purchases.last_sale_date is not null as has_bought
    from scored_customers
    left join mrr_under_notice
        on mrr_under_notice.customer_key = scored_customers.customer_key
        and mrr_under_notice.score_date = scored_customers.score_date
    left join purchases
        on purchases.customer_key = scored_customers.customer_key
        and purchases.score_date = scored_customers.score_date
),

part_scores as (
    select
        *,
        case when activity_rule = 'contract' and highest_mrr_12m_amount > 0 then
            {{ retained_score('mrr_amount - noticed_mrr_amount', 'highest_mrr_12m_amount') }}
        end as contract_score,
        case
            when has_bought and not is_ranked then 0
            when has_bought then {{ rank_score('-days_since_sale',
                'score_date, customer_kind, has_bought, is_ranked') }}
        end as recency_score,
        case when first_sale_date <= score_date - 360 then
            {{ retained_score('net_revenue_180d_amount', 'net_revenue_prior_180d_amount') }}
        end as retained_score
    from measures
),

final as (
    select
        customer_key,
        score_date,
        {{ money('noticed_mrr_amount') }} as noticed_mrr_amount,
        cast(days_since_sale as bigint) as days_since_sale,
        {{ money('net_revenue_180d_amount') }} as net_revenue_180d_amount,
        {{ money('net_revenue_prior_180d_amount') }} as net_revenue_prior_180d_amount,
        cast(case
            when activity_rule = 'contract' then contract_score
            else {{ mean_of_known(['recency_score', 'retained_score']) }}
        end as decimal(7, 4)) as score,
        case
            when activity_rule = 'contract' then concat(
                'pays ', cast(round(mrr_amount) as bigint), ' a month, ',
                cast(round(noticed_mrr_amount) as bigint), ' of it under notice; at most ',
                cast(round(highest_mrr_12m_amount) as bigint), ' in 12 months'
            )
            when has_bought then concat(
                'last purchase ', days_since_sale, ' days ago; bought for ',
                cast(round(net_revenue_180d_amount) as bigint), ' in 180 days, ',
                cast(round(net_revenue_prior_180d_amount) as bigint), ' in the 180 before'
            )
        end as reason
    from part_scores
)

select * from final
