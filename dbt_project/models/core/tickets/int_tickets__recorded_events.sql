-- Grain: one row per ticket, whether its tool tells of replies and of resolutions at all
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

events as (select * from {{ ref('int_ticket_events__enriched') }}),

seen as (
    select
        ticket_id,
        count(*) filter (where event_kind = 'comment') as comment_count,
        count(*) filter (where event_kind = 'status') as status_count
    from events
    group by 1
),

compared as (
    select
        tickets.ticket_id,
        tickets.status,
        seen.ticket_id is not null as has_events,
        tickets.solved_at is not null
        or tickets.full_resolution_calendar_minutes is not null as has_resolution_total,
        max(seen.comment_count) over of_tool > 0 as is_comment_told,
        max(seen.status_count) over of_tool > 0 as is_status_told,
        count(tickets.first_reply_calendar_minutes) over of_tool > 0 as is_reply_total_told,
        count(coalesce(
            tickets.full_resolution_calendar_minutes,
            case when tickets.solved_at is not null then 0 end
        )) over of_tool > 0 as is_resolution_total_told
    from tickets
    left join seen
        on seen.ticket_id = tickets.ticket_id
    window of_tool as (partition by tickets.source_system)
),

-- No reply on a ticket of a tool that never tells of replies is not an unanswered ticket, and one
-- that is closed without a time was resolved at a time nobody wrote down.
final as (
    select
        ticket_id,
        coalesce(case when has_events then is_comment_told else is_reply_total_told end, false)
            as is_reply_known,
        coalesce(
            case
                when has_events then is_status_told
                else is_resolution_total_told
                    and (has_resolution_total or status not in ('solved', 'closed'))
            end,
            false
        ) as is_resolution_known
    from compared
)

select * from final
