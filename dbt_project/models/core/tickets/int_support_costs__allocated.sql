-- Grain: one row per amount of the ledger (month, channel) and ticket that bears part of it
with

work as (select * from {{ ref('int_tickets__monthly_workload') }}),

ledger as (select * from {{ ref('int_support_expenses__by_channel') }}),

-- A pool is one amount of the ledger and the tickets of its month (and channel, where it has one).
pooled as (
    select
        ledger.month_date,
        ledger.channel,
        ledger.support_cost_amount as pool_amount,
        work.ticket_id,
        case
            when sum(work.handle_minutes) over pool > 0 then 'handle_minutes'
            when sum(work.agent_comment_count) over pool > 0 then 'touches'
            else 'tickets'
        end as allocation_basis,
        work.handle_minutes,
        work.agent_comment_count
    from ledger
    inner join work
        on work.month_date = ledger.month_date
        and (ledger.channel is null or ledger.channel = work.channel)
    window pool as (partition by ledger.month_date, ledger.channel)
),

weighted as (
    select
        *,
        case allocation_basis
            when 'handle_minutes' then cast(handle_minutes as double)
            when 'touches' then cast(agent_comment_count as double)
            else cast(1 as double)
        end as weight
    from pooled
),

shared as (
    select
        *,
        cast(pool_amount as double) * 100 * weight
            / {{ exact_sum('weight', over='(partition by month_date, channel)') }} as share_cents
    from weighted
),

-- Largest remainder: whole cents first, then a cent each to those who lost most by rounding down,
-- the last of them taking a fraction of a cent where a converted ledger has one.
ranked as (
    select
        *,
        cast(floor(share_cents) / 100 as decimal(18, 4)) as whole_amount,
        row_number() over (
            partition by month_date, channel
            order by round(share_cents - floor(share_cents), 6) desc, ticket_id
        ) as remainder_rank
    from shared
),

final as (
    select
        month_date,
        channel,
        ticket_id,
        allocation_basis,
        weight,
        whole_amount + least(0.01, greatest(0, cast(
            pool_amount - sum(whole_amount) over (partition by month_date, channel)
            - 0.01 * (remainder_rank - 1) as decimal(18, 4)
        ))) as support_cost_amount
    from ranked
)

select * from final
