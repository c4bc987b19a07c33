-- Grain: one row per customer_key, period kind (month, quarter) and period begun
{{ config(materialized='view') }}
with

months as (select * from {{ ref('fct_customer_months') }}),

revenue_periods as (select * from {{ ref('int_mrr__by_customer_period') }}),

engagement as (select * from {{ ref('fct_engagement') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

replies as (
    select
        customer_key,
        month_date,
        count(first_reply_time_calendar_minutes) as replied_ticket_count,
        sum(first_reply_time_calendar_minutes) as first_reply_minutes
    from tickets
    group by customer_key, month_date
),

-- What a customer has brought in until then; one unknown margin makes all after it unknown. A
-- support cost that is not known adds nothing, as in fct_customer_roi; nobody's value is none.
customer_months as (
    select
        customer_key,
        month_date,
        is_active_at_start,
        is_churned,
        is_active_at_start or is_active_at_end or is_new as is_active_inside,
        case when tenure_months is not null then 1 else 0 end as has_begun,
        case
            when customer_key = 'unknown' then 0
            when sum(case when is_margin_known then 0 else 1 end) over to_here = 0
                then sum(
                    gross_margin_amount - coalesce(support_cost_amount, 0) - programme_cost_amount
                ) over to_here
        end as historic_clv_amount
    from months
    window to_here as (
        partition by customer_key
        order by month_date
        rows between unbounded preceding and current row
    )
),

dated as (
    {% for period_kind, last_month in [('month', 0), ('quarter', 2)] %}
    select
        *,
        '{{ period_kind }}' as period_kind,
        cast(date_trunc('{{ period_kind }}', month_date) as date) as period_date,
        month_date = date_trunc('{{ period_kind }}', month_date)
            + interval {{ last_month }} month as is_last_month
    from customer_months
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- MRR and value of a period are those at its ends, not sums over its months.
final as (
    select
        dated.customer_key,
        dated.period_kind,
        dated.period_date,
        max(case when dated.is_active_inside then 1 else 0 end) as active_count,
        count(*) filter (where dated.is_active_inside) as active_month_count,
        count(*) filter (where dated.is_active_at_start) as month_at_start_count,
        count(*) filter (where dated.is_churned) as month_lost_count,
        coalesce(sum(dated.has_begun) filter (where dated.is_last_month), 0) as begun_count,
        {{ money('sum(dated.historic_clv_amount) filter (where dated.is_last_month)') }}
            as historic_clv_amount,
        {{ money('coalesce(max(revenue_periods.mrr_begin_amount), 0)') }} as mrr_begin_amount,
        {{ money('coalesce(max(revenue_periods.mrr_end_amount), 0)') }} as mrr_end_amount,
        -- Before anybody's use or views are on record nobody's days are.
        cast(
            case
                when count(*) = count(coalesce(
                    engagement.product_use_count, engagement.page_view_count
                )) then sum(engagement.active_day_count)
            end as bigint
        ) as active_day_count,
        cast(coalesce(sum(replies.replied_ticket_count), 0) as bigint) as replied_ticket_count,
        {{ money('coalesce(sum(replies.first_reply_minutes), 0)') }} as first_reply_minutes
    from dated
    left join revenue_periods
        on revenue_periods.customer_key = dated.customer_key
        and revenue_periods.period_kind = dated.period_kind
        and revenue_periods.period_date = dated.period_date
    left join engagement
        on engagement.customer_key = dated.customer_key
        and engagement.month_date = dated.month_date
    left join replies
        on replies.customer_key = dated.customer_key
        and replies.month_date = dated.month_date
    group by dated.customer_key, dated.period_kind, dated.period_date
)

select * from final
