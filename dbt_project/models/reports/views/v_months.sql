-- Grain: one row per closed month, the company as a whole
{{ config(materialized='view') }}
with

fct_churn as (select * from {{ ref('fct_churn') }}),

fct_revenue_retention as (select * from {{ ref('fct_revenue_retention') }}),

fct_segment_roi as (select * from {{ ref('fct_segment_roi') }}),

final as (
    select
        churn.period_date as month_date,
        churn.customers_at_start_count,
        churn.new_count,
        churn.reactivated_count,
        churn.lost_count,
        churn.customers_at_end_count,
        churn.churn_rate,
        segment_roi.net_revenue_amount,
        segment_roi.gross_margin_amount,
        segment_roi.support_cost_amount,
        segment_roi.programme_cost_amount,
        segment_roi.return_amount,
        segment_roi.ticket_count,
        retention.mrr_end_amount,
        retention.grr_rate,
        retention.nrr_rate
    from fct_churn as churn
    inner join fct_segment_roi as segment_roi
        on
            churn.segmentation = segment_roi.segmentation
            and churn.period_kind = segment_roi.period_kind
            and churn.period_date = segment_roi.period_date
    left join fct_revenue_retention as retention
        on
            churn.segmentation = retention.segmentation
            and churn.period_kind = retention.period_kind
            and churn.period_date = retention.period_date
    where churn.segmentation = 'all' and churn.period_kind = 'month'
)

select * from final
