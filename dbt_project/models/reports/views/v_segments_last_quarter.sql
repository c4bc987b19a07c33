-- Grain: one row per segmentation and segment in the last closed quarter
{{ config(materialized='view') }}
with

fct_segment_roi as (select * from {{ ref('fct_segment_roi') }}),

quarters as (
    select
        *,
        max(period_date) over () as last_period_date
    from fct_segment_roi
    where period_kind = 'quarter'
),

last_quarter as (
    select * from quarters
    where period_date = last_period_date
),

everybody as (select * from last_quarter where segmentation = 'all'),

final as (
    select
        last_quarter.segmentation,
        last_quarter.segment,
        last_quarter.period_date,
        last_quarter.customers_at_start_count,
        last_quarter.lost_count,
        last_quarter.churn_rate,
        last_quarter.churn_rate_low,
        last_quarter.churn_rate_high,
        everybody.churn_rate as churn_rate_of_all,
        case
            when last_quarter.customers_at_start_count < 30 then 'too_few_customers'
            when last_quarter.churn_rate_low > everybody.churn_rate then 'above'
            when last_quarter.churn_rate_high < everybody.churn_rate then 'below'
            when last_quarter.churn_rate is not null then 'not_significant'
        end as churn_compared_with_all,
        last_quarter.net_revenue_amount,
        last_quarter.support_cost_amount,
        last_quarter.invested_amount,
        last_quarter.return_amount,
        last_quarter.customer_roi,
        last_quarter.nps,
        last_quarter.nps_answer_count,
        last_quarter.csat_rate,
        last_quarter.csat_answer_count,
        last_quarter.median_first_reply_time_calendar_minutes
    from last_quarter
    cross join everybody
)

select * from final
