-- Grain: one row per customer, without the unknown member
with

windows as (select * from {{ ref('int_onboarding__windows') }}),

activity as (select * from {{ ref('int_onboarding__activity') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

months as (select * from {{ ref('fct_customer_months') }}),

settings as (select * from {{ ref('int_settings') }}),

first_tickets as (
    select
        tickets.customer_key,
        tickets.first_reply_time_calendar_minutes,
        row_number() over (
            partition by tickets.customer_key
            order by tickets.created_at, tickets.ticket_id
        ) as ticket_rank
    from tickets
    inner join windows
        on windows.customer_key = tickets.customer_key
        and windows.start_date <= tickets.opened_date
        and windows.observed_until_date >= tickets.opened_date
),

latest_answers as (
    select
        responses.customer_key,
        responses.survey_kind,
        responses.score_normalised,
        row_number() over (
            partition by responses.customer_key
            order by responses.answered_at desc, responses.response_id desc
        ) as answer_rank
    from responses
    inner join windows
        on windows.customer_key = responses.customer_key
        and windows.start_date <= responses.business_date
        and windows.observed_until_date >= responses.business_date
    where responses.is_valid_score
),

-- The first month end on or after day 90; it is known once that month has closed.
follow_ups as (
    select
        windows.customer_key,
        max(months.month_date) as follow_up_month_date,
        max_by(months.is_active_at_end, months.month_date) as is_active_after_90_days,
        {{ money('sum(months.net_revenue_amount)') }} as net_revenue_after_90_days_amount
    from windows
    inner join months
        on months.customer_key = windows.customer_key
        and months.month_date <= windows.start_date + 90
    where last_day(windows.start_date + 90) <= windows.as_of_date
    group by windows.customer_key
),

joined as (
    select
        windows.*,
        activity.completed_date is not null as is_complete,
        windows.window_end_date <= windows.as_of_date as is_window_closed,
        coalesce(activity.last_value_date, windows.start_date) as paused_since_date,
        activity.completed_date,
        activity.interaction_count,
        activity.ticket_count,
        activity.purchase_count,
        activity.product_use_count,
        activity.product_use_day_count,
        activity.value_day_count
    from windows
    left join activity
        on activity.customer_key = windows.customer_key
),

final as (
    select
        joined.customer_key,
        joined.start_date,
        joined.start_basis,
        joined.window_end_date,
        joined.is_window_closed,
        case when joined.is_value_recorded then joined.first_value_date end as first_value_date,
        case
            when joined.is_value_recorded then cast(
                {{ days_between('joined.start_date', 'joined.first_value_date') }} as int
            )
        end as days_to_first_value,
        coalesce(joined.interaction_count, 0) as interaction_count,
        case when joined.is_ticket_recorded then coalesce(joined.ticket_count, 0) end
            as ticket_count,
        case when joined.is_purchase_recorded then coalesce(joined.purchase_count, 0) end
            as purchase_count,
        case when joined.is_use_recorded then coalesce(joined.product_use_count, 0) end
            as product_use_count,
        case when joined.is_use_recorded then coalesce(joined.product_use_day_count, 0) end
            as product_use_day_count,
        case when joined.is_value_recorded then coalesce(joined.value_day_count, 0) end
            as value_day_count,
        joined.required_value_day_count,
        first_tickets.first_reply_time_calendar_minutes,
        latest_answers.survey_kind as latest_survey_kind,
        latest_answers.score_normalised as latest_survey_score,
        case when joined.is_value_recorded then joined.completed_date end as completed_date,
        case
            when not joined.is_value_recorded then null
            when joined.is_complete then true
            when joined.is_window_closed then false
        end as is_onboarding_complete,
        case
            when joined.is_value_recorded then not joined.is_complete
                and {{ days_between('joined.paused_since_date', 'joined.observed_until_date') }}
                    >= settings.onboarding_stalled_days
        end as is_stalled,
        follow_ups.follow_up_month_date,
        follow_ups.is_active_after_90_days,
        follow_ups.net_revenue_after_90_days_amount
    from joined
    cross join settings
    left join first_tickets
        on first_tickets.customer_key = joined.customer_key
        and first_tickets.ticket_rank = 1
    left join latest_answers
        on latest_answers.customer_key = joined.customer_key
        and latest_answers.answer_rank = 1
    left join follow_ups
        on follow_ups.customer_key = joined.customer_key
)

select * from final
