-- Grain: one row per segmentation, segment, period kind and closed period
with

financials as (select * from {{ ref('int_segments__financials') }}),

churn as (select * from {{ ref('fct_churn') }}),

support as (select * from {{ ref('int_segments__support_metrics') }}),

surveys as (select * from {{ ref('int_segments__survey_metrics') }}),

records as (select * from {{ ref('int_data_coverage') }}),

joined as (
    select
        financials.*,
        -- A segment in which nobody was active has no row in fct_churn.
        coalesce(churn.customers_at_start_count, 0) as customers_at_start_count,
        coalesce(churn.lost_count, 0) as lost_count,
        coalesce(churn.new_count, 0) as new_count,
        coalesce(churn.customers_at_end_count, 0) as customers_at_end_count,
        coalesce(churn.is_comparable, true) as is_churn_comparable,
        churn.churn_rate,
        records.has_support_cost as is_support_cost_recorded,
        {{ money(
            'coalesce(acquisition_cost_amount, 0) + coalesce(support_cost_amount, 0)
            + programme_cost_amount'
        ) }} as invested_amount,
        -- Beside the little that is invested, support left out would multiply the return.
        case
            when financials.support_cost_unknown_customer_month_count = 0
                or not records.has_support_cost
                then financials.gross_margin_amount
        end as return_margin_amount,
        {%- for tickets in ['ticket', 'replied_ticket', 'handling_known_ticket',
            'high_effort_ticket'] %}
        case when {{ is_on_record('ticket', 'financials.period_date') }}
            then coalesce(support.{{ tickets }}_count, 0) end as {{ tickets }}_count,
        {%- endfor %}
        support.first_reply_calendar_minutes_sum,
        support.median_first_reply_time_calendar_minutes,
        support.p90_first_reply_time_calendar_minutes
        {%- for answers in [
            'nps_answer', 'promoter', 'detractor', 'csat_answer', 'csat_good', 'ces_answer',
            'ces_low_effort',
        ] %},
        case when {{ is_on_record('answer', 'financials.period_date') }}
            then coalesce(surveys.{{ answers }}_count, 0) end as {{ answers }}_count
        {%- endfor %}
    from financials
    cross join records
    left join churn
        on churn.segmentation = financials.segmentation
        and churn.segment = financials.segment
        and churn.period_kind = financials.period_kind
        and churn.period_date = financials.period_date
    left join support
        on support.segmentation = financials.segmentation
        and support.segment = financials.segment
        and support.period_kind = financials.period_kind
        and support.period_date = financials.period_date
        and {{ is_on_record('ticket', 'financials.period_date') }}
    left join surveys
        on surveys.segmentation = financials.segmentation
        and surveys.segment = financials.segment
        and surveys.period_kind = financials.period_kind
        and surveys.period_date = financials.period_date
),

final as (
    select
        *,
        cast(
            case
                when period_kind = 'month' then period_date - interval 1 month
                else period_date - interval 3 month
            end as date
        ) as previous_period_date,
        {{ wilson_bound('lost_count', 'customers_at_start_count', -1) }} as churn_rate_low,
        {{ wilson_bound('lost_count', 'customers_at_start_count', 1) }} as churn_rate_high,
        {{ money('return_margin_amount - invested_amount') }} as return_amount,
        {{ ratio('return_margin_amount - invested_amount', 'invested_amount') }} as customer_roi,
        {{ money(ratio('billed_revenue_amount', 'transaction_count')) }}
            as average_transaction_gross_amount,
        {{ money(ratio('deal_value_amount', 'deal_count')) }} as average_deal_size_amount,
        {{ money(ratio('new_contract_value_amount', 'new_contract_customer_count')) }}
            as average_contract_value_amount,
        {{ ratio('replied_ticket_count', 'ticket_count') }} as replied_ticket_rate,
        {{ ratio('high_effort_ticket_count', 'handling_known_ticket_count') }}
            as high_effort_ticket_rate,
        {{ money(ratio('first_reply_calendar_minutes_sum', 'replied_ticket_count')) }}
            as average_first_reply_time_calendar_minutes,
        {{ nps('promoter_count', 'detractor_count', 'nps_answer_count') }} as nps,
        {{ nps_standard_error('promoter_count', 'detractor_count', 'nps_answer_count') }}
            as nps_standard_error,
        {{ ratio('csat_good_count', 'csat_answer_count') }} as csat_rate,
        {{ ratio('ces_low_effort_count', 'ces_answer_count') }} as ces_low_effort_rate
    from joined
)

select * from final
