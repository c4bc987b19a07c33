-- Grain: one row per customer on the as-of date
with

value_metrics as (select * from {{ ref('int_customers__value_metrics') }}),

support as (select * from {{ ref('int_customers__support_metrics') }}),

surveys as (select * from {{ ref('int_customers__survey_metrics') }}),

records as (select * from {{ ref('int_data_coverage') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- What a company has not recorded by the end of the twelve months is unknown and not zero.
customers as (
    select
        value_metrics.*,
        {{ is_on_record('ticket', 'run_parameters.first_open_month_date - interval 1 month') }}
            as is_ticket_recorded,
        records.answer_from_date is not null as is_answer_recorded
    from value_metrics
    cross join records
    cross join run_parameters
),

final as (
    select
        customers.customer_key,
        customers.as_of_date,
        customers.customer_kind,
        customers.lifecycle,
        customers.is_active,
        customers.tenure_months,
        customers.churned_month_date,
        customers.months_since_churn,
        customers.net_revenue_12m_amount,
        customers.gross_margin_12m_amount,
        customers.acquisition_cost_12m_amount,
        customers.support_cost_12m_amount,
        customers.programme_cost_12m_amount,
        customers.invested_12m_amount,
        customers.return_12m_amount,
        customers.customer_roi_12m,
        customers.is_support_cost_known_12m,
        customers.net_revenue_lifetime_amount,
        customers.gross_margin_lifetime_amount,
        customers.acquisition_cost_lifetime_amount,
        customers.support_cost_lifetime_amount,
        customers.programme_cost_lifetime_amount,
        customers.invested_lifetime_amount,
        customers.return_lifetime_amount,
        customers.customer_roi_lifetime,
        customers.is_support_cost_known_lifetime,
        customers.is_support_cost_recorded,
        customers.support_cost_unknown_month_count,
        customers.is_acquisition_cost_known,
        customers.historic_clv_amount,
        customers.active_month_12m_count,
        customers.margin_per_active_month_amount,
        customers.kind_monthly_churn_rate,
        customers.average_lifetime_months,
        customers.simple_clv_amount,
        customers.transaction_12m_count,
        customers.billed_revenue_12m_amount,
        customers.refund_12m_amount,
        customers.average_transaction_gross_amount,
        customers.average_transaction_net_amount,
        customers.signed_contract_count,
        customers.signed_acv_amount,
        customers.average_acv_amount,
        {%- for name in ['ticket', 'replied_ticket'] %}
        case when customers.is_ticket_recorded then coalesce(support.{{ name }}_12m_count, 0) end
            as {{ name }}_12m_count,
        {%- endfor %}
        {{ money(ratio('support.first_reply_calendar_minutes_12m_sum',
            'support.replied_ticket_12m_count')) }} as average_first_reply_time_calendar_minutes,
        case when customers.is_ticket_recorded
            then coalesce(support.handling_known_ticket_12m_count, 0) end
            as handling_known_ticket_12m_count,
        -- Who had no ticket had none of effort; how tickets were handled can be unknown.
        {%- for name in [
            'repeat_contact', 'reopened_ticket', 'handed_off_ticket', 'channel_switch_ticket',
            'high_effort_ticket',
        ] %}
        case when support.customer_key is null and customers.is_ticket_recorded then 0
            else support.{{ name }}_12m_count end as {{ name }}_12m_count,
        {%- endfor %}
        {{ ratio(
            'support.high_effort_ticket_12m_count', 'support.handling_known_ticket_12m_count'
        ) }} as high_effort_ticket_rate,
        case when customers.is_ticket_recorded
            then coalesce(support.effort_scored_ticket_12m_count, 0) end
            as effort_scored_ticket_12m_count,
        support.effort_score_12m_mean,
        surveys.latest_nps_score,
        surveys.latest_nps_class,
        surveys.latest_nps_date,
        {%- for name in ['csat_answer', 'csat_good', 'ces_answer', 'ces_low_effort'] %}
        case when customers.is_answer_recorded then coalesce(surveys.{{ name }}_12m_count, 0) end
            as {{ name }}_12m_count,
        {%- endfor %}
        {{ ratio('surveys.csat_good_12m_count', 'surveys.csat_answer_12m_count') }} as csat_rate,
        {{ ratio('surveys.ces_low_effort_12m_count', 'surveys.ces_answer_12m_count') }}
            as ces_low_effort_rate
    from customers
    left join support
        on support.customer_key = customers.customer_key
    left join surveys
        on surveys.customer_key = customers.customer_key
)

select * from final
