-- Grain: one row per segmentation, segment, period kind and closed period
with

rated as (select * from {{ ref('int_segments__metrics') }}),

final as (
    select
        rated.segmentation,
        rated.segment,
        rated.period_kind,
        rated.period_date,
        rated.customer_count,
        rated.customers_at_start_count,
        rated.new_count,
        rated.lost_count,
        rated.customers_at_end_count,
        rated.churn_rate,
        rated.churn_rate_low,
        rated.churn_rate_high,
        previous.churn_rate as previous_churn_rate,
        rated.churn_rate - previous.churn_rate as churn_rate_change,
        rated.net_revenue_amount,
        previous.net_revenue_amount as previous_net_revenue_amount,
        {{ ratio('rated.net_revenue_amount - previous.net_revenue_amount',
            'previous.net_revenue_amount') }} as net_revenue_change_rate,
        rated.gross_margin_amount,
        rated.margin_unknown_customer_count,
        rated.acquisition_cost_amount,
        rated.acquisition_cost_unknown_customer_count,
        rated.support_cost_amount,
        rated.support_cost_unknown_customer_month_count,
        rated.is_support_cost_recorded,
        rated.programme_cost_amount,
        rated.unallocated_programme_cost_amount,
        rated.invested_amount,
        rated.return_amount,
        rated.customer_roi,
        previous.customer_roi as previous_customer_roi,
        rated.customer_roi - previous.customer_roi as customer_roi_change,
        rated.transaction_count,
        rated.billed_revenue_amount,
        rated.average_transaction_gross_amount,
        rated.deal_count,
        rated.deal_value_amount,
        rated.average_deal_size_amount,
        rated.signed_contract_count,
        rated.signed_contract_value_amount,
        rated.new_contract_customer_count,
        rated.new_contract_value_amount,
        rated.average_contract_value_amount,
        rated.ticket_count,
        rated.replied_ticket_count,
        rated.replied_ticket_rate,
        rated.average_first_reply_time_calendar_minutes,
        rated.median_first_reply_time_calendar_minutes,
        rated.p90_first_reply_time_calendar_minutes,
        rated.nps_answer_count,
        rated.promoter_count,
        rated.detractor_count,
        rated.nps,
        rated.nps_standard_error,
        previous.nps as previous_nps,
        rated.nps - previous.nps as nps_change,
        rated.csat_answer_count,
        rated.csat_good_count,
        rated.csat_rate,
        rated.ces_answer_count,
        rated.ces_low_effort_count,
        rated.ces_low_effort_rate
    from rated
    left join rated as previous
        on previous.segmentation = rated.segmentation
        and previous.segment = rated.segment
        and previous.period_kind = rated.period_kind
        and previous.period_date = rated.previous_period_date
)

select * from final
