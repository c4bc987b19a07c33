-- Grain: one row per channel in the last closed month
{{ config(materialized='view') }}
with

fct_channel_service as (select * from {{ ref('fct_channel_service') }}),

fct_customer_months as (select * from {{ ref('fct_customer_months') }}),

last_closed_month as (
    select max(month_date) as month_date from fct_customer_months
    where is_closed_month
),

final as (
    select
        service.channel,
        service.month_date,
        service.ticket_count,
        service.reply_rate,
        service.first_reply_survival_median_calendar_minutes,
        service.full_resolution_survival_median_calendar_minutes,
        service.one_touch_rate,
        service.reopened_rate,
        service.repeat_contact_rate,
        service.first_reply_sla_met_rate,
        service.csat_ticket_count,
        service.ticket_csat_rate,
        service.support_cost_amount,
        service.cost_per_ticket_amount
    from fct_channel_service as service
    inner join last_closed_month on service.month_date = last_closed_month.month_date
)

select * from final
