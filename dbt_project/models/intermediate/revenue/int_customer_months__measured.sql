-- Grain: one row per customer and month, from their first event to the as-of month
{{ config(materialized='view') }}
with

states as (select * from {{ ref('int_customer_months__states') }}),

contracts as (select * from {{ ref('int_contracts__by_customer_month') }}),

transactions as (select * from {{ ref('int_transactions__by_customer_month') }}),

touches as (select * from {{ ref('int_touches__by_customer_month') }}),

customers as (select * from {{ ref('int_customers__attributed') }}),

programme_costs as (
    select
        customer_key,
        month_date,
        {{ money('sum(programme_cost_amount)') }} as programme_cost_amount
    from {{ ref('int_programme_costs__by_customer') }}
    group by 1, 2
),

support_costs as (
    select
        customer_key,
        month_date,
        {{ money('sum(support_cost_amount)') }} as support_cost_amount
    from {{ ref('int_support_costs__by_ticket') }}
    group by 1, 2
),

-- In a month with neither ledger nor rate the cost of support is not known, which is not 0.
support_months as (select distinct month_date from support_costs),

final as (
    select
        states.*,
        {{ money('states.rateable_mrr_begin_amount'
            ~ ' * day(states.end_date) / cast(day(last_day(states.month_date)) as double)'
            ~ ' + coalesce(contracts.rateable_rest_amount + contracts.one_off_amount, 0)') }}
            as rateable_revenue_amount,
        coalesce(transactions.gross_revenue_amount, 0) as billed_revenue_amount,
        coalesce(transactions.refund_amount, 0) as refund_amount,
        coalesce(transactions.payment_amount, 0) as payment_amount,
        coalesce(transactions.known_cost_of_sales_amount, 0) as known_cost_of_sales_amount,
        coalesce(transactions.unknown_cost_count, 0) as unknown_cost_count,
        coalesce(transactions.unconverted_transaction_count, 0) as unconverted_transaction_count,
        coalesce(transactions.transaction_count, 0) as transaction_count,
        coalesce(touches.ticket_count, 0) as ticket_count,
        coalesce(touches.interaction_count, 0) as interaction_count,
        coalesce(touches.product_use_count, 0) as product_use_count,
        coalesce(touches.survey_response_count, 0) as survey_response_count,
        case
            when support_months.month_date is not null
                then coalesce(support_costs.support_cost_amount, 0)
        end as support_cost_amount,
        coalesce(programme_costs.programme_cost_amount, 0) as programme_cost_amount,
        case
            when states.month_date = states.first_month_date
                then coalesce(customers.acquisition_cost_amount, 0)
            else 0
        end as acquisition_cost_amount
    from states
    left join contracts
        on contracts.customer_key = states.customer_key
        and contracts.month_date = states.month_date
    left join transactions
        on transactions.customer_key = states.customer_key
        and transactions.month_date = states.month_date
    left join touches
        on touches.customer_key = states.customer_key
        and touches.month_date = states.month_date
    left join programme_costs
        on programme_costs.customer_key = states.customer_key
        and programme_costs.month_date = states.month_date
    left join support_months
        on support_months.month_date = states.month_date
    left join support_costs
        on support_costs.customer_key = states.customer_key
        and support_costs.month_date = states.month_date
    left join customers
        on customers.customer_key = states.customer_key
)

select * from final
