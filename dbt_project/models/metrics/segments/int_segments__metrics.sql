-- Grain: one row per segmentation, segment, period kind and closed period
with

valued as (select * from {{ ref('int_segments__financials') }}),

served as (select * from {{ ref('int_segments__support_metrics') }}),

heard as (select * from {{ ref('int_segments__survey_metrics') }}),

records as (select * from {{ ref('int_data_coverage') }}),

totalled as (
    select
        valued.*,
        records.has_support_cost as is_support_cost_recorded,
        {{ money('coalesce(acquisition_cost_amount, 0) + coalesce(support_cost_amount, 0)'
            ~ ' + programme_cost_amount') }} as invested_amount,
        -- Beside the little that is invested, support left out would multiply the return.
        case
            when valued.support_cost_unknown_customer_month_count = 0
                or not records.has_support_cost
                then valued.gross_margin_amount
        end as return_margin_amount,
        {%- for tickets in ['ticket', 'replied_ticket', 'handling_known_ticket',
            'high_effort_ticket'] %}
        case when {{ is_on_record('ticket', 'valued.period_date') }}
            then coalesce(served.{{ tickets }}_count, 0) end as {{ tickets }}_count,
        {%- endfor %}
        served.first_reply_calendar_minutes_sum,
        served.median_first_reply_time_calendar_minutes,
        served.p90_first_reply_time_calendar_minutes
        {%- for answers in [
            'nps_answer', 'promoter', 'detractor', 'csat_answer', 'csat_good', 'ces_answer',
            'ces_low_effort',
        ] %},
        case when {{ is_on_record('answer', 'valued.period_date') }}
            then coalesce(heard.{{ answers }}_count, 0) end as {{ answers }}_count
        {%- endfor %}
    from valued
    cross join records
    left join served
        on served.segmentation = valued.segmentation
        and served.segment = valued.segment
        and served.period_kind = valued.period_kind
        and served.period_date = valued.period_date
        and {{ is_on_record('ticket', 'valued.period_date') }}
    left join heard
        on heard.segmentation = valued.segmentation
        and heard.segment = valued.segment
        and heard.period_kind = valued.period_kind
        and heard.period_date = valued.period_date
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
        {{ ratio('lost_count', 'customers_at_start_count') }} as churn_rate,
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
        {{ money(ratio('first_reply_calendar_minutes_sum', 'replied_ticket_count')) }}
            as average_first_reply_time_calendar_minutes,
        {{ nps('promoter_count', 'detractor_count', 'nps_answer_count') }} as nps,
        {{ nps_standard_error('promoter_count', 'detractor_count', 'nps_answer_count') }}
            as nps_standard_error,
        {{ ratio('csat_good_count', 'csat_answer_count') }} as csat_rate,
        {{ ratio('ces_low_effort_count', 'ces_answer_count') }} as ces_low_effort_rate
    from totalled
)

select * from final
