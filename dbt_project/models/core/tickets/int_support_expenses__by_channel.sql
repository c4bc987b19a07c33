-- Grain: one row per month and channel of the support ledger (channel NULL = all of them)
with

support_expenses as (select * from {{ ref('stg_crm__support_expenses') }}),

rates as (select * from {{ ref('int_exchange_rates__daily') }}),

final as (
    select
        cast(date_trunc('month', support_expenses.expense_month) as date) as month_date,
        {{ normalised('support_expenses.channel') }} as channel,
        cast(
            sum({{ to_reporting('support_expenses.amount', 'rates.rate_to_reporting') }})
            as decimal(18, 4)
        ) as support_cost_amount,
        count(*) filter (where rates.currency is null) as rows_without_rate_count
    from support_expenses
    left join rates
        on rates.currency = support_expenses.currency
        and rates.valid_from <= support_expenses.expense_month
        and rates.valid_to > support_expenses.expense_month
    group by 1, 2
)

select * from final
