-- Grain: one row per ticket, its waiting and handling times
{{ config(materialized='view') }}
with

milestones as (select * from {{ ref('int_tickets__milestones') }}),

field_history as (select * from {{ ref('int_tickets__field_history') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

business_hours as (select * from {{ ref('int_business_hours__intervals') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

data_end as (
    select {{ end_of_data() }} as ended_at
    from run_parameters
),

-- What is still open is counted up to the end of the data, what was closed unsolved until then.
measures as (
    select ticket_id, 'first_reply' as measure, created_at as started_at, first_reply_at as ended_at
    from milestones

    union all

    select
        ticket_id,
        'first_resolution' as measure,
        created_at as started_at,
        first_solved_at as ended_at
    from milestones

    union all

    select ticket_id, 'full_resolution' as measure, created_at as started_at, solved_at as ended_at
    from milestones

    union all

    select
        milestones.ticket_id,
        'unanswered' as measure,
        milestones.created_at as started_at,
        least(milestones.closed_at, data_end.ended_at) as ended_at
    from milestones
    cross join data_end
    where milestones.is_reply_known
        and milestones.first_reply_at is null

    union all

    select
        milestones.ticket_id,
        'unresolved' as measure,
        milestones.created_at as started_at,
        least(milestones.closed_at, data_end.ended_at) as ended_at
    from milestones
    cross join data_end
    where milestones.is_resolution_known
        and milestones.solved_at is null

    union all

    select
        field_history.ticket_id,
        field_history.value as measure,
        field_history.valid_from_at as started_at,
        coalesce(field_history.valid_to_at, data_end.ended_at) as ended_at
    from field_history
    cross join data_end
    where field_history.field_name = 'status'
        and field_history.value not in ('solved', 'closed')
),

schedules as (
    select
        ticket_id,
        value as schedule_id,
        valid_from_at,
        coalesce(valid_to_at, cast('9999-12-31' as timestamp)) as valid_to_at
    from field_history
    where field_name = 'schedule'
        and coalesce(valid_to_at > valid_from_at, true)
),

-- One schedule serves a whole span: the one in force when the measured event came.
spans as (
    select
        measures.ticket_id,
        measures.measure,
        measures.started_at,
        greatest(measures.ended_at, measures.started_at) as ended_at,
        coalesce(schedules.schedule_id, tickets.schedule_id, 'default') as schedule_id
    from measures
    inner join tickets
        on tickets.ticket_id = measures.ticket_id
    left join schedules
        on schedules.ticket_id = measures.ticket_id
        and schedules.valid_from_at <= measures.ended_at
        and schedules.valid_to_at > measures.ended_at
    -- An end before the beginning is a wrong time and no duration of 0.
    where measures.ended_at is not null
        and (
            measures.ended_at >= measures.started_at
            or measures.measure in ('new', 'open', 'pending', 'hold')
        )
),

-- Opening minutes between two instants = those before the second less those before the first. Every
-- instant lies in exactly one interval of its schedule, or in none where there is no schedule.
span_minutes as (
    select
        spans.ticket_id,
        spans.measure,
        spans.measure in ('new', 'open', 'pending', 'hold') as is_status,
        spans.measure in ('new', 'open', 'hold') as is_requester_wait,
        spans.measure = 'pending' as is_agent_wait,
        spans.measure = 'hold' as is_on_hold,
        cast(
            {{ minutes_between('spans.started_at', 'spans.ended_at') }} as decimal(18, 4)
        ) as calendar_minutes,
        cast(
            last_hours.open_minutes_before
            + case
                when last_hours.is_open
                    then {{ minutes_between('last_hours.started_at', 'spans.ended_at') }}
                else 0
            end
            - first_hours.open_minutes_before
            - case
                when first_hours.is_open
                    then {{ minutes_between('first_hours.started_at', 'spans.started_at') }}
                else 0
            end
            as decimal(18, 4)
        ) as business_minutes
    from spans
    left join business_hours as first_hours
        on first_hours.schedule_id = spans.schedule_id
        and first_hours.utc_date = cast(spans.started_at as date)
        and first_hours.started_at <= spans.started_at
        and first_hours.ended_at > spans.started_at
    left join business_hours as last_hours
        on last_hours.schedule_id = spans.schedule_id
        and last_hours.utc_date = cast(spans.ended_at as date)
        and last_hours.started_at <= spans.ended_at
        and last_hours.ended_at > spans.ended_at
),

-- Where the history of a ticket is known, no time in a status is 0 and not unknown.
final as (
    select
        ticket_id,
        {%- for measure in [
            'first_reply', 'unanswered', 'unresolved', 'first_resolution', 'full_resolution',
        ] %}
        cast(sum(calendar_minutes) filter (where measure = '{{ measure }}') as decimal(18, 4))
            as {{ measure }}_calendar_minutes,
        cast(sum(business_minutes) filter (where measure = '{{ measure }}') as decimal(18, 4))
            as {{ measure }}_business_minutes,
        {%- endfor %}
        {%- for measure in ['requester_wait', 'agent_wait', 'on_hold'] %}
        cast(
            sum(case when is_{{ measure }} then calendar_minutes else 0 * calendar_minutes end)
                filter (where is_status) as decimal(18, 4)
        ) as {{ measure }}_calendar_minutes,
        cast(
            sum(case when is_{{ measure }} then business_minutes else 0 * business_minutes end)
                filter (where is_status) as decimal(18, 4)
        ) as {{ measure }}_business_minutes{{ ',' if not loop.last }}
        {%- endfor %}
    from span_minutes
    group by ticket_id
)

select * from final
