-- Grain: one row per ticket that was ever solved: was it open again within a week?
with

tickets as (select * from {{ ref('fct_tickets') }}),

events as (select * from {{ ref('int_ticket_events__enriched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

first_reopened as (
    select
        ticket_id,
        min(occurred_at) as reopened_at
    from events
    where is_reopen
    group by ticket_id
),

-- Both buckets start a week after the first solving, and only a reopening until then counts: who
-- left in the meantime could not come back to the ticket, and was not reopened for that alone.
final as (
    select
        tickets.ticket_id,
        tickets.customer_key,
        coalesce(tickets.channel, 'unknown') as channel,
        cast({{ to_local('tickets.first_solved_at', 'run_parameters.time_zone') }} as date)
            + {{ var('reopening_days') }} as settled_date,
        case
            when tickets.reopen_count = 0 then false
            when first_reopened.reopened_at is not null then first_reopened.reopened_at
                <= tickets.first_solved_at + interval {{ var('reopening_days') }} day
            -- A tool's total has no days; it was in time if the last solving was.
            when tickets.solved_at
                <= tickets.first_solved_at + interval {{ var('reopening_days') }} day
                then tickets.reopen_count > 0
        end as is_reopened
    from tickets
    cross join run_parameters
    left join first_reopened
        on first_reopened.ticket_id = tickets.ticket_id
    where tickets.first_solved_at is not null
)

select * from final
