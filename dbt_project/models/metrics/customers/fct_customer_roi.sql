-- Grain: one row per customer on the as-of date
with

returned as (select * from {{ ref('int_customers__value_metrics') }}),

served as (select * from {{ ref('int_customers__support_metrics') }}),

heard as (select * from {{ ref('int_customers__survey_metrics') }}),

records as (select * from {{ ref('int_data_coverage') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- What a company has not recorded by the end of the twelve months is unknown and not zero.
recorded as (
    select
        returned.*,
        {{ is_on_record('ticket', 'run_parameters.first_open_month_date - interval 1 month') }}
            as is_ticket_recorded,
        records.answer_from_date is not null as is_answer_recorded
    from returned
    cross join records
    cross join run_parameters
),

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
        returned.is_support_cost_known_12m,
        returned.net_revenue_lifetime_amount,
        returned.gross_margin_lifetime_amount,
        returned.acquisition_cost_lifetime_amount,
        returned.support_cost_lifetime_amount,
        returned.programme_cost_lifetime_amount,
        returned.invested_lifetime_amount,
        returned.return_lifetime_amount,
        returned.customer_roi_lifetime,
        returned.is_support_cost_known_lifetime,
        returned.is_support_cost_recorded,
        returned.support_cost_unknown_month_count,
        returned.is_acquisition_cost_known,
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
        returned.average_acv_amount,
        {%- for name in ['ticket', 'replied_ticket'] %}
        case when returned.is_ticket_recorded then coalesce(served.{{ name }}_12m_count, 0) end
            as {{ name }}_12m_count,
        {%- endfor %}
        {{ money(ratio('served.first_reply_calendar_minutes_12m_sum',
            'served.replied_ticket_12m_count')) }} as average_first_reply_time_calendar_minutes,
        case when returned.is_ticket_recorded
            then coalesce(served.handling_known_ticket_12m_count, 0) end
            as handling_known_ticket_12m_count,
        -- Who had no ticket had none of effort; how tickets were handled can be unknown.
        {%- for name in [
            'repeat_contact', 'reopened_ticket', 'handed_off_ticket', 'channel_switch_ticket',
            'high_effort_ticket',
        ] %}
        case when served.customer_key is null and returned.is_ticket_recorded then 0
            else served.{{ name }}_12m_count end as {{ name }}_12m_count,
        {%- endfor %}
        {{ ratio('served.high_effort_ticket_12m_count', 'served.handling_known_ticket_12m_count') }}
            as high_effort_ticket_rate,
        case when returned.is_ticket_recorded
            then coalesce(served.effort_scored_ticket_12m_count, 0) end
            as effort_scored_ticket_12m_count,
        served.effort_score_12m_mean,
        heard.latest_nps_score,
        heard.latest_nps_class,
        heard.latest_nps_date,
        {%- for name in ['csat_answer', 'csat_good', 'ces_answer', 'ces_low_effort'] %}
        case when returned.is_answer_recorded then coalesce(heard.{{ name }}_12m_count, 0) end
            as {{ name }}_12m_count,
        {%- endfor %}
        {{ ratio('heard.csat_good_12m_count', 'heard.csat_answer_12m_count') }} as csat_rate,
        {{ ratio('heard.ces_low_effort_12m_count', 'heard.ces_answer_12m_count') }}
            as ces_low_effort_rate
    from recorded as returned
    left join served
        on served.customer_key = returned.customer_key
    left join heard
        on heard.customer_key = returned.customer_key
)

select * from final
