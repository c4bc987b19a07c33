-- Grain: one row per ticket and business month in which it was opened or worked on
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

milestones as (select * from {{ ref('int_tickets__milestones') }}),

events as (select * from {{ ref('int_ticket_events__enriched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

dated_work as (
    select
        events.ticket_id,
        cast(
            date_trunc('month', {{ to_local('events.occurred_at', 'run_parameters.time_zone') }})
            as date
        ) as month_date,
        sum(events.handle_seconds) / 60 as handle_minutes,
        count(*) filter (where events.event_kind = 'comment') as agent_comment_count,
        0 as opened_count
    from events
    cross join run_parameters
    where events.actor_kind = 'agent'
        and (events.event_kind = 'comment' or events.handle_seconds > 0)
    group by 1, 2
),

-- Totals that a tool gives without a date are put on the month of opening, once.
opened_tickets as (
    select
        tickets.ticket_id,
        cast(
            date_trunc('month', {{ to_local('tickets.created_at', 'run_parameters.time_zone') }})
            as date
        ) as month_date,
        case when timed_tickets.ticket_id is null then tickets.handle_minutes end as handle_minutes,
        case when milestones.totals_basis = 'tool_totals' then milestones.public_reply_count end
            as agent_comment_count,
        1 as opened_count
    from tickets
    inner join milestones
        on milestones.ticket_id = tickets.ticket_id
    cross join run_parameters
    left join (
        select distinct ticket_id
        from dated_work
        where handle_minutes > 0
    ) as timed_tickets
        on timed_tickets.ticket_id = tickets.ticket_id
),

work as (
    select * from dated_work
    union all
    select * from opened_tickets
),

final as (
    select
        work.ticket_id,
        work.month_date,
        {{ normalised('max(tickets.channel)') }} as channel,
        cast(coalesce({{ exact_sum('work.handle_minutes') }}, 0) as decimal(18, 4))
            as handle_minutes,
        cast(coalesce(sum(work.agent_comment_count), 0) as bigint)
            as agent_comment_count,
        sum(work.opened_count) > 0 as is_opened_in_month
    from work
    inner join tickets
        on tickets.ticket_id = work.ticket_id
    group by 1, 2
)

select * from final
