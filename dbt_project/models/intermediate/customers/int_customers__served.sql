-- Grain: one row per customer_key with a ticket in the last twelve closed months
with

tickets as (select * from {{ ref('fct_tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Asking again within a week: the first answer did not settle it, whatever its status says.
followed as (
    select
        *,
        {{ days_between(
            'lag(opened_date) over (partition by customer_key order by created_at, ticket_id)',
            'opened_date'
        ) }} <= 7 as is_repeat_contact
    from tickets
    where customer_key <> 'unknown'
),

windowed as (
    select
        followed.*,
        coalesce(followed.reopen_count, 0) > 0 as is_reopened,
        coalesce(followed.handoff_count, 0) > 0 as is_handed_off,
        coalesce(followed.channel_switch_count, 0) > 0 as is_channel_switched
    from followed
    cross join run_parameters
    where followed.month_date >= date_trunc('month', run_parameters.as_of_date + interval 1 day)
        - interval 12 month
        and followed.month_date < date_trunc('month', run_parameters.as_of_date + interval 1 day)
),

final as (
    select
        customer_key,
        count(*) as ticket_12m_count,
        count(first_reply_time_calendar_minutes) as replied_ticket_12m_count,
        cast(sum(first_reply_time_calendar_minutes) as decimal(18, 4))
            as first_reply_calendar_minutes_12m_sum,
        count(*) filter (where is_repeat_contact) as repeat_contact_12m_count,
        count(*) filter (where is_reopened) as reopened_ticket_12m_count,
        count(*) filter (where is_handed_off) as handed_off_ticket_12m_count,
        count(*) filter (where is_channel_switched) as channel_switch_ticket_12m_count,
        count(*) filter (
            where is_reopened or is_handed_off or is_channel_switched
                or coalesce(is_repeat_contact, false)
        ) as high_effort_ticket_12m_count
    from windowed
    group by customer_key
)

select * from final
