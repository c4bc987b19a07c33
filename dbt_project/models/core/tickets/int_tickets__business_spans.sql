-- Grain: one row per ticket, measure and stretch of time that counts towards it
with

milestones as (select * from {{ ref('int_tickets__milestones') }}),

status_intervals as (select * from {{ ref('int_tickets__field_history') }}),

schedule_periods as (select * from {{ ref('int_tickets__schedule_periods') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

pieces as (select * from {{ ref('int_business_hours__intervals') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

measured as (
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
    {%- for measure, condition in {
        'unanswered': 'is_reply_known and milestones.first_reply_at is null',
        'unresolved': 'is_resolution_known and milestones.solved_at is null',
    }.items() %}
    union all
    select
        milestones.ticket_id,
        '{{ measure }}' as measure,
        milestones.created_at as started_at,
        {{ end_of_data() }} as ended_at
    from milestones
    cross join run_parameters
    where milestones.{{ condition }}
    {%- endfor %}
    union all
    select ticket_id, status as measure, started_at, ended_at from status_intervals
),

-- One schedule serves a whole span: the one in force when the measured event came.
scheduled as (
    select
        measured.ticket_id,
        measured.measure,
        measured.started_at,
        greatest(measured.ended_at, measured.started_at) as ended_at,
        coalesce(schedule_periods.schedule_id, tickets.schedule_id, 'default') as schedule_id
    from measured
    inner join tickets
        on tickets.ticket_id = measured.ticket_id
    left join schedule_periods
        on schedule_periods.ticket_id = measured.ticket_id
        and schedule_periods.valid_from_at <= measured.ended_at
        and schedule_periods.valid_to_at > measured.ended_at
    where measured.ended_at is not null
),

-- Opening minutes between two instants = those before the second less those before the first.
-- Every instant lies in exactly one piece of its schedule, or in none where there is no schedule.
final as (
    select
        scheduled.ticket_id,
        scheduled.measure,
        scheduled.started_at,
        scheduled.ended_at,
        scheduled.schedule_id,
        cast(
            {{ minutes_between('scheduled.started_at', 'scheduled.ended_at') }} as decimal(18, 4)
        ) as calendar_minutes,
        cast(
            last_piece.open_minutes_before
            + case
                when last_piece.is_open
                    then {{ minutes_between('last_piece.started_at', 'scheduled.ended_at') }}
                else 0
            end
            - first_piece.open_minutes_before
            - case
                when first_piece.is_open
                    then {{ minutes_between('first_piece.started_at', 'scheduled.started_at') }}
                else 0
            end
            as decimal(18, 4)
        ) as business_minutes
    from scheduled
    left join pieces as first_piece
        on first_piece.schedule_id = scheduled.schedule_id
        and first_piece.utc_date = cast(scheduled.started_at as date)
        and first_piece.started_at <= scheduled.started_at
        and first_piece.ended_at > scheduled.started_at
    left join pieces as last_piece
        on last_piece.schedule_id = scheduled.schedule_id
        and last_piece.utc_date = cast(scheduled.ended_at as date)
        and last_piece.started_at <= scheduled.ended_at
        and last_piece.ended_at > scheduled.ended_at
)

select * from final
