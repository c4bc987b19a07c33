-- Grain: one row per customer and month, from their first event to the as-of month
{{ config(materialized='view') }}
with

first_seen as (select * from {{ ref('int_customers__first_seen') }}),

contracts as (select * from {{ ref('int_contracts__by_customer_month') }}),

transactions as (select * from {{ ref('int_transactions__by_customer_month') }}),

interactions as (select * from {{ ref('int_interactions__by_customer_month') }}),

programme_costs as (select * from {{ ref('int_programme_costs__by_customer') }}),

support_costs as (select * from {{ ref('int_support_costs__by_ticket') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

first_events as (
    {% for events in [
        'contracts', 'transactions', 'interactions', 'programme_costs', 'support_costs',
    ] %}
    select customer_key, min(month_date) as month_date
    from {{ events }}
    group by customer_key
    union all
    {% endfor %}
    select
        customer_key,
        cast(date_trunc('month', first_seen_date) as date) as month_date
    from first_seen
),

first_months as (
    select
        customer_key,
        min(month_date) as first_month_date
    from first_events
    group by customer_key
),

spine as (
    select
        first_months.customer_key,
        first_months.first_month_date,
        run_parameters.as_of_date,
        {{ date_spine('first_months.first_month_date', 'run_parameters.as_of_date', 'month') }}
            as month_at
    from first_months
    cross join run_parameters
),

months as (
    select
        customer_key,
        cast(month_at as date) as month_date,
        first_month_date,
        last_day(cast(month_at as date)) <= as_of_date as is_closed_month,
        least(last_day(cast(month_at as date)), as_of_date) as end_date
    from spine
),

changes as (
    select
        months.*,
        coalesce(contracts.contract_change, 0) as contract_change,
        coalesce(contracts.paid_contract_change, 0) as paid_contract_change,
        coalesce(contracts.paid_begin_count, 0) as paid_begin_count,
        coalesce(contracts.trial_begin_count, 0) as trial_begin_count,
        contracts.last_paid_end_date as paid_end_date,
        coalesce(contracts.mrr_change_amount, 0) as mrr_change_amount,
        coalesce(contracts.rateable_mrr_change_amount, 0) as rateable_mrr_change_amount,
        transactions.last_purchase_date as purchase_date,
        interactions.last_use_date as use_date
    from months
    left join contracts
        on contracts.customer_key = months.customer_key
        and contracts.month_date = months.month_date
    left join transactions
        on transactions.customer_key = months.customer_key
        and transactions.month_date = months.month_date
    left join interactions
        on interactions.customer_key = months.customer_key
        and interactions.month_date = months.month_date
),

final as (
    select
        customer_key,
        month_date,
        first_month_date,
        is_closed_month,
        end_date,
        paid_contract_change,
        paid_begin_count,
        trial_begin_count,
        mrr_change_amount,
        rateable_mrr_change_amount,
        purchase_date,
        use_date,
        sum(contract_change) over to_here as contract_count,
        sum(paid_contract_change) over to_here as paid_contract_count,
        sum(paid_begin_count) over to_here as paid_begin_to_date_count,
        sum(trial_begin_count) over to_here as trial_begin_to_date_count,
        {{ money('sum(mrr_change_amount) over to_here') }} as mrr_end_amount,
        {{ money('sum(rateable_mrr_change_amount) over to_here') }} as rateable_mrr_end_amount,
        max(paid_end_date) over to_here as last_paid_end_date,
        max(paid_end_date) over before_here as last_paid_end_before_date,
        max(purchase_date) over to_here as last_purchase_date,
        max(use_date) over to_here as last_use_date,
        max(purchase_date) over before_here as last_purchase_before_date,
        max(use_date) over before_here as last_use_before_date
    from changes
    window
        to_here as (
            partition by customer_key
            order by month_date
            rows between unbounded preceding and current row
        ),
        before_here as (
            partition by customer_key
            order by month_date
            rows between unbounded preceding and 1 preceding
        )
)

select * from final
