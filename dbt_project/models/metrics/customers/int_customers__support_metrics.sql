-- Grain: one row per customer_key with a ticket in the last twelve closed months
{{ config(materialized='view') }}
with

tickets as (select * from {{ ref('fct_tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

effort as (select * from {{ ref('int_tickets__effort_score') }}),

windowed as (
    select
        tickets.*,
        effort.is_handling_known,
        effort.is_reopened,
        effort.is_handed_off,
        effort.is_channel_switched,
        effort.is_high_effort
    from tickets
    inner join effort
        on effort.ticket_id = tickets.ticket_id
    cross join run_parameters
    where tickets.customer_key <> 'unknown'
        and tickets.month_date >= run_parameters.first_open_month_date - interval 12 month
        and tickets.month_date < run_parameters.first_open_month_date
),

final as (
    select
        customer_key,
        count(*) as ticket_12m_count,
        count(first_reply_time_calendar_minutes) as replied_ticket_12m_count,
        cast(sum(first_reply_time_calendar_minutes) as decimal(18, 4))
            as first_reply_calendar_minutes_12m_sum,
        -- Where no ticket can show it, it is unknown and not zero.
        case when count(is_repeat_contact) > 0
            then count(*) filter (where is_repeat_contact) end as repeat_contact_12m_count,
        count(effort_score) as effort_scored_ticket_12m_count,
        cast(avg(effort_score) as decimal(7, 4)) as effort_score_12m_mean,
        count(*) filter (where is_handling_known) as handling_known_ticket_12m_count,
        -- Of handling nobody recorded, none is unknown and not zero.
        {% for sign, name in {
            'is_reopened': 'reopened', 'is_handed_off': 'handed_off',
            'is_channel_switched': 'channel_switch', 'is_high_effort': 'high_effort',
        }.items() %}
        cast(sum(case when is_handling_known then cast({{ sign }} as integer) end) as bigint)
            as {{ name }}_ticket_12m_count{{ ',' if not loop.last }}
        {% endfor %}
    from windowed
    group by customer_key
)

select * from final
