-- Grain: one row per customer and month, from their first event to the as-of month
{{ config(materialized='view') }}
with

states as (select * from {{ ref('int_customer_months__activity') }}),

contracts as (select * from {{ ref('int_contracts__by_customer_month') }}),

transactions as (select * from {{ ref('int_transactions__by_customer_month') }}),

touches as (select * from {{ ref('int_interactions__by_customer_month') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

records as (select * from {{ ref('int_data_coverage') }}),

programme_costs as (
    select
        customer_key,
        month_date,
        {{ money('sum(programme_cost_amount)') }} as programme_cost_amount,
        {{ money("sum(programme_cost_amount) filter (where allocation_rule = 'nobody_enrolled')") }}
            as unallocated_programme_cost_amount
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
        records.has_revenue,
        records.has_support_cost,
        {{ money('states.rateable_mrr_begin_amount'
            ~ ' * day(states.end_date) / cast(day(last_day(states.month_date)) as double)'
            ~ ' + coalesce(contracts.rateable_rest_amount + contracts.one_off_amount, 0)') }}
            as rateable_revenue_amount,
        {%- for column in [
            'gross_revenue_amount', 'refund_amount', 'payment_amount',
            'known_cost_of_sales_amount', 'transaction_count',
        ] %}
        case when records.has_revenue then coalesce(transactions.{{ column }}, 0) end
            as {{ column | replace('gross', 'billed') }},
        {%- endfor %}
        coalesce(transactions.unknown_cost_count, 0) as unknown_cost_count,
        coalesce(transactions.unconverted_transaction_count, 0) as unconverted_transaction_count,
        coalesce(touches.interaction_count, 0) as interaction_count,
        {%- for column, kind in {
            'ticket_count': 'ticket', 'product_use_count': 'use',
            'survey_response_count': 'answer',
        }.items() %}
        case when {{ is_on_record(kind, 'states.month_date') }}
            then coalesce(touches.{{ column }}, 0) end as {{ column }},
        {%- endfor %}
        case
            when support_months.month_date is not null
                then coalesce(support_costs.support_cost_amount, 0)
        end as support_cost_amount,
        coalesce(programme_costs.programme_cost_amount, 0) as programme_cost_amount,
        coalesce(programme_costs.unallocated_programme_cost_amount, 0)
            as unallocated_programme_cost_amount,
        -- Nobody won the unknown member; of a customer, NULL is a cost nobody recorded.
        case
            when states.month_date = states.first_month_date and states.customer_key <> 'unknown'
                then customers.acquisition_cost_amount
            else 0
        end as acquisition_cost_amount
    from states
    cross join records
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
