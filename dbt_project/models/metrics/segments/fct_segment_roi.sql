-- Grain: one row per segmentation, segment, period kind and closed period
with

metrics as (select * from {{ ref('int_segments__metrics') }}),

final as (
    select
        metrics.segmentation,
        metrics.segment,
        metrics.period_kind,
        metrics.period_date,
        metrics.customer_count,
        metrics.customers_at_start_count,
        metrics.new_count,
        metrics.lost_count,
        metrics.customers_at_end_count,
        metrics.churn_rate,
        metrics.churn_rate_low,
        metrics.churn_rate_high,
        previous.churn_rate as previous_churn_rate,
        metrics.churn_rate - previous.churn_rate as churn_rate_change,
        metrics.net_revenue_amount,
        previous.net_revenue_amount as previous_net_revenue_amount,
        {{ ratio('metrics.net_revenue_amount - previous.net_revenue_amount',
            'previous.net_revenue_amount') }} as net_revenue_change_rate,
        metrics.gross_margin_amount,
        metrics.margin_unknown_customer_count,
        metrics.acquisition_cost_amount,
        metrics.acquisition_cost_unknown_customer_count,
        metrics.support_cost_amount,
        metrics.support_cost_unknown_customer_month_count,
        metrics.is_support_cost_recorded,
        metrics.programme_cost_amount,
        metrics.unallocated_programme_cost_amount,
        metrics.invested_amount,
        metrics.return_amount,
        metrics.customer_roi,
        previous.customer_roi as previous_customer_roi,
        metrics.customer_roi - previous.customer_roi as customer_roi_change,
        metrics.transaction_count,
        metrics.billed_revenue_amount,
        metrics.average_transaction_gross_amount,
        metrics.deal_count,
        metrics.deal_value_amount,
        metrics.average_deal_size_amount,
        metrics.signed_contract_count,
        metrics.signed_contract_value_amount,
        metrics.new_contract_customer_count,
        metrics.new_contract_value_amount,
        metrics.average_contract_value_amount,
        metrics.ticket_count,
        metrics.replied_ticket_count,
        metrics.replied_ticket_rate,
        metrics.average_first_reply_time_calendar_minutes,
        metrics.median_first_reply_time_calendar_minutes,
        metrics.p90_first_reply_time_calendar_minutes,
        metrics.nps_answer_count,
        metrics.promoter_count,
        metrics.detractor_count,
        metrics.nps,
        metrics.nps_standard_error,
        previous.nps as previous_nps,
        metrics.nps - previous.nps as nps_change,
        metrics.csat_answer_count,
        metrics.csat_good_count,
        metrics.csat_rate,
        metrics.ces_answer_count,
        metrics.ces_low_effort_count,
        metrics.ces_low_effort_rate
    from metrics
    left join metrics as previous
        on previous.segmentation = metrics.segmentation
        and previous.segment = metrics.segment
        and previous.period_kind = metrics.period_kind
        and previous.period_date = metrics.previous_period_date
)

select * from final
