-- Grain: one row per ticket and month; ticket_id 'unallocated' holds what met no ticket
with

work as (select * from {{ ref('int_tickets__monthly_workload') }}),

ledger as (select * from {{ ref('int_support_expenses__by_channel') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

analyst_settings as (select * from {{ ref('analyst_settings') }}),

-- A pool is one amount of the ledger and the tickets of its month (and channel, where it has one).
pools as (
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

weights as (
    select
        *,
        case allocation_basis
            when 'handle_minutes' then cast(handle_minutes as double)
            when 'touches' then cast(agent_comment_count as double)
            else cast(1 as double)
        end as weight
    from pools
),

shares as (
    select
        *,
        cast(pool_amount as double) * 100 * weight
            / {{ exact_sum('weight', over='(partition by month_date, channel)') }} as share_cents
    from weights
),

-- Largest remainder: whole cents first, then a cent each to those who lost most by rounding down,
-- the last of them taking a fraction of a cent where a converted ledger has one.
remainders as (
    select
        *,
        cast(floor(share_cents) / 100 as decimal(18, 4)) as whole_amount,
        row_number() over (
            partition by month_date, channel
            order by round(share_cents - floor(share_cents), 6) desc, ticket_id
        ) as remainder_rank
    from shares
),

allocated as (
    select
        ticket_id,
        month_date,
        allocation_basis,
        whole_amount + least(0.01, greatest(0, cast(
            pool_amount - sum(whole_amount) over (partition by month_date, channel)
            - 0.01 * (remainder_rank - 1) as decimal(18, 4)
        ))) as support_cost_amount
    from remainders
),

unallocated as (
    select
        'unallocated' as ticket_id,
        ledger.month_date,
        'unallocated' as allocation_basis,
        ledger.support_cost_amount
    from ledger
    left join work
        on work.month_date = ledger.month_date
        and (ledger.channel is null or ledger.channel = work.channel)
    where work.ticket_id is null
),

rates as (
    select
        setting_name,
        cast(nullif(trim(setting_value), '') as decimal(9, 4)) as rate
    from analyst_settings
    where setting_name like 'support_rate_per_minute%'
),

-- Months without a ledger: working time at the rate of the channel, or of all channels.
at_rates as (
    select
        work.ticket_id,
        work.month_date,
        'rate' as allocation_basis,
        {{ money('work.handle_minutes * coalesce(of_channel.rate, of_all.rate)') }}
            as support_cost_amount
    from work
    left join (select distinct month_date from ledger) as months
        on months.month_date = work.month_date
    left join rates as of_channel
        on of_channel.setting_name = concat('support_rate_per_minute__', work.channel)
    left join rates as of_all
        on of_all.setting_name = 'support_rate_per_minute'
    where months.month_date is null
        and work.handle_minutes > 0
        and coalesce(of_channel.rate, of_all.rate) is not null
),

costs as (
    select * from allocated
    union all
    select * from unallocated
    union all
    select * from at_rates
),

final as (
    select
        costs.ticket_id,
        costs.month_date,
        coalesce(max(customers.customer_key), 'unknown') as customer_key,
        max(costs.allocation_basis) as allocation_basis,
        {{ money('sum(costs.support_cost_amount)') }} as support_cost_amount
    from costs
    left join tickets
        on tickets.ticket_id = costs.ticket_id
    left join customers
        on customers.reference_key = {{ reference_key('tickets') }}
    group by 1, 2
)

select * from final
