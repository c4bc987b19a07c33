-- Rows: months whose cost over tickets, unallocated included, differs from the ledger
with

costs as (select * from {{ ref('int_support_costs__by_ticket') }}),

ledger as (select * from {{ ref('int_support_expenses__by_channel') }}),

both_sides as (
    select month_date, support_cost_amount as cost_amount, 0 as ledger_amount
    from costs
    where allocation_basis <> 'rate'
    union all
    select month_date, 0 as cost_amount, support_cost_amount as ledger_amount
    from ledger
),

final as (
    select
        month_date,
        sum(cost_amount) as cost_amount,
        sum(ledger_amount) as ledger_amount
    from both_sides
    group by 1
    having sum(cost_amount) <> sum(ledger_amount)
)

select * from final
