-- Grain: one row per customer and score date, what the customer pays or buys against before
with

subjects as (select * from {{ ref('int_health__scored_customers') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

noticed as (
    select
        subjects.customer_key,
        subjects.score_date,
        sum(contracts.mrr_amount) as noticed_mrr_amount
    from subjects
    inner join contracts
        on contracts.customer_key = subjects.customer_key
        and contracts.start_date <= subjects.score_date
        and contracts.end_date > subjects.score_date
        and contracts.notice_date <= subjects.score_date
    group by subjects.customer_key, subjects.score_date
),

days as (
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

bought as (
    select
        subjects.customer_key,
        subjects.score_date,
        max(days.sale_date) as last_sale_date,
        min(days.first_sale_date) as first_sale_date,
        coalesce(sum(days.net_revenue_amount) filter (
            where days.business_date > subjects.score_date - 180
        ), 0) as net_revenue_180d_amount,
        coalesce(sum(days.net_revenue_amount) filter (
            where days.business_date <= subjects.score_date - 180
                and days.business_date > subjects.score_date - 360
        ), 0) as net_revenue_prior_180d_amount
    from subjects
    inner join days
        on days.customer_key = subjects.customer_key
        and days.business_date <= subjects.score_date
    where subjects.activity_rule <> 'contract'
    group by subjects.customer_key, subjects.score_date
),

joined as (
    select
        subjects.*,
        coalesce(noticed.noticed_mrr_amount, 0) as noticed_mrr_amount,
        {{ days_between('bought.last_sale_date', 'subjects.score_date') }} as days_since_sale,
        bought.first_sale_date,
        bought.net_revenue_180d_amount,
        bought.net_revenue_prior_180d_amount,
        bought.last_sale_date is not null as has_bought
    from subjects
    left join noticed
        on noticed.customer_key = subjects.customer_key
        and noticed.score_date = subjects.score_date
    left join bought
        on bought.customer_key = subjects.customer_key
        and bought.score_date = subjects.score_date
),

scored as (
    select
        *,
        case when activity_rule = 'contract' and highest_mrr_12m_amount > 0 then
            {{ kept_score('mrr_amount - noticed_mrr_amount', 'highest_mrr_12m_amount') }}
        end as contract_score,
        case
            when has_bought and not is_ranked then 0
            when has_bought then {{ rank_score('-days_since_sale',
                'score_date, customer_kind, has_bought, is_ranked') }}
        end as recency_score,
        case when first_sale_date <= score_date - 360 then
            {{ kept_score('net_revenue_180d_amount', 'net_revenue_prior_180d_amount') }}
        end as kept_score
    from joined
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
            else {{ mean_of_known(['recency_score', 'kept_score']) }}
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
    from scored
)

select * from final
