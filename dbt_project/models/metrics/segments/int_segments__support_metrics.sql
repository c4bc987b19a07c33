-- Grain: one row per segmentation, segment, period kind and closed period with a ticket
{{ config(materialized='view') }}
with

tickets as (select * from {{ ref('fct_tickets') }}),

effort as (select * from {{ ref('int_tickets__effort_score') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

dated as (
    {% for period_kind in ['month', 'quarter'] %}
    select
        tickets.customer_key,
        tickets.first_reply_time_calendar_minutes,
        effort.is_handling_known,
        effort.is_handling_known and effort.is_high_effort as is_known_high_effort,
        '{{ period_kind }}' as period_kind,
        cast(date_trunc('{{ period_kind }}', tickets.month_date) as date) as period_date
    from tickets
    inner join effort
        on effort.ticket_id = tickets.ticket_id
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        memberships.segmentation,
        memberships.segment,
        dated.period_kind,
        dated.period_date,
        count(*) as ticket_count,
        count(dated.first_reply_time_calendar_minutes) as replied_ticket_count,
        count(*) filter (where dated.is_handling_known) as handling_known_ticket_count,
        count(*) filter (where dated.is_known_high_effort) as high_effort_ticket_count,
        cast(sum(dated.first_reply_time_calendar_minutes) as decimal(18, 4))
            as first_reply_calendar_minutes_sum,
        {{ quantile('dated.first_reply_time_calendar_minutes', 0.5) }}
            as median_first_reply_time_calendar_minutes,
        {{ quantile('dated.first_reply_time_calendar_minutes', 0.9) }}
            as p90_first_reply_time_calendar_minutes
    from dated
    inner join memberships
        on memberships.customer_key = dated.customer_key
        and memberships.valid_from_date <= dated.period_date
        and memberships.valid_to_date > dated.period_date
    group by 1, 2, 3, 4
)

select * from final
