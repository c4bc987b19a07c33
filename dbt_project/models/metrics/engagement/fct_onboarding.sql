-- Grain: one row per customer, without the unknown member
with

windows as (select * from {{ ref('int_onboarding__windows') }}),

touched as (select * from {{ ref('int_onboarding__activity') }}),

served as (select * from {{ ref('int_onboarding__support') }}),

months as (select * from {{ ref('fct_customer_months') }}),

settings as (
    select {{ setting('onboarding_stalled_days', 'int') }} as stalled_days
    from {{ ref('analyst_settings') }}
),

-- The first month end on or after day 90; a month that has not closed has not told yet.
followed as (
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
        touched.completed_date is not null as is_complete,
        windows.window_end_date <= windows.as_of_date as is_window_closed,
        coalesce(touched.last_value_date, windows.start_date) as paused_since_date,
        touched.completed_date,
        touched.interaction_count,
        touched.ticket_count,
        touched.purchase_count,
        touched.product_use_count,
        touched.product_use_day_count,
        touched.value_day_count
    from windows
    left join touched
        on touched.customer_key = windows.customer_key
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
        served.first_reply_time_calendar_minutes,
        served.survey_kind as latest_survey_kind,
        served.score_normalised as latest_survey_score,
        case when joined.is_value_recorded then joined.completed_date end as completed_date,
        case
            when not joined.is_value_recorded then null
            when joined.is_complete then true
            when joined.is_window_closed then false
        end as is_onboarding_complete,
        case
            when joined.is_value_recorded then not joined.is_complete
                and {{ days_between('joined.paused_since_date', 'joined.observed_until_date') }}
                    >= coalesce(settings.stalled_days, 14)
        end as is_stalled,
        followed.follow_up_month_date,
        followed.is_active_after_90_days,
        followed.net_revenue_after_90_days_amount
    from joined
    cross join settings
    left join served
        on served.customer_key = joined.customer_key
    left join followed
        on followed.customer_key = joined.customer_key
)

select * from final
