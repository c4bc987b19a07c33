-- Grain: one row per ticket and month; ticket_id 'unallocated' holds what met no ticket
with

work as (select * from {{ ref('int_tickets__monthly_workload') }}),

ledger as (select * from {{ ref('int_support_expenses__by_channel') }}),

allocated as (select * from {{ ref('int_support_costs__allocated') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

settings as (select * from {{ ref('analyst_settings') }}),

rates as (
    select
        setting_name,
        cast(nullif(trim(setting_value), '') as decimal(9, 4)) as rate
    from settings
    where setting_name like 'support_rate_per_minute%'
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

-- Months without a ledger: working time at the rate of the channel, or of all channels.
rated as (
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
    select ticket_id, month_date, allocation_basis, support_cost_amount from allocated
    union all
    select * from unallocated
    union all
    select * from rated
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
