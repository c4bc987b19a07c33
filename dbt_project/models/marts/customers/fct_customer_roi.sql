-- Grain: one row per customer on the as-of date
with

returned as (select * from {{ ref('int_customers__returned') }}),

served as (select * from {{ ref('int_customers__served') }}),

heard as (select * from {{ ref('int_customers__heard') }}),

final as (
    select
        returned.customer_key,
        returned.as_of_date,
        returned.customer_kind,
        returned.lifecycle,
        returned.is_active,
        returned.tenure_months,
        returned.churned_month_date,
        returned.months_since_churn,
        returned.net_revenue_12m_amount,
        returned.gross_margin_12m_amount,
        returned.acquisition_cost_12m_amount,
        returned.support_cost_12m_amount,
        returned.programme_cost_12m_amount,
        returned.invested_12m_amount,
        returned.return_12m_amount,
        returned.customer_roi_12m,
        returned.net_revenue_lifetime_amount,
        returned.gross_margin_lifetime_amount,
        returned.acquisition_cost_lifetime_amount,
        returned.support_cost_lifetime_amount,
        returned.programme_cost_lifetime_amount,
        returned.invested_lifetime_amount,
        returned.return_lifetime_amount,
        returned.customer_roi_lifetime,
        returned.is_acquisition_cost_known,
        returned.is_support_cost_known,
        returned.historic_clv_amount,
        returned.active_month_12m_count,
        returned.margin_per_active_month_amount,
        returned.kind_monthly_churn_rate,
        returned.average_lifetime_months,
        returned.simple_clv_amount,
        returned.transaction_12m_count,
        returned.billed_revenue_12m_amount,
        returned.refund_12m_amount,
        returned.average_transaction_gross_amount,
        returned.average_transaction_net_amount,
        returned.signed_contract_count,
        returned.signed_acv_amount,
        returned.average_contract_value_amount,
        coalesce(served.ticket_12m_count, 0) as ticket_12m_count,
        coalesce(served.replied_ticket_12m_count, 0) as replied_ticket_12m_count,
        {{ money(ratio('served.first_reply_calendar_minutes_12m_sum',
            'served.replied_ticket_12m_count')) }} as average_first_reply_time_calendar_minutes,
        case when served.customer_key is null then 0 else served.repeat_contact_12m_count end
            as repeat_contact_12m_count,
        coalesce(served.handling_known_ticket_12m_count, 0) as handling_known_ticket_12m_count,
        -- Who had no ticket had none of effort; how tickets were handled can be unknown.
        {% for name in ['reopened', 'handed_off', 'channel_switch', 'high_effort'] %}
        case when served.customer_key is null then 0 else served.{{ name }}_ticket_12m_count end
            as {{ name }}_ticket_12m_count,
        {% endfor %}
        {{ ratio('served.high_effort_ticket_12m_count', 'served.handling_known_ticket_12m_count') }}
            as high_effort_ticket_rate,
        coalesce(served.effort_scored_ticket_12m_count, 0) as effort_scored_ticket_12m_count,
        served.effort_score_12m_mean,
        heard.latest_nps_score,
        heard.latest_nps_class,
        heard.latest_nps_date,
        coalesce(heard.csat_12m_count, 0) as csat_12m_count,
        coalesce(heard.csat_good_12m_count, 0) as csat_good_12m_count,
        {{ ratio('heard.csat_good_12m_count', 'heard.csat_12m_count') }} as csat_rate,
        coalesce(heard.ces_12m_count, 0) as ces_12m_count,
        coalesce(heard.ces_low_effort_12m_count, 0) as ces_low_effort_12m_count,
        {{ ratio('heard.ces_low_effort_12m_count', 'heard.ces_12m_count') }}
            as ces_low_effort_rate
    from returned
    left join served
        on served.customer_key = returned.customer_key
    left join heard
        on heard.customer_key = returned.customer_key
)

select * from final
