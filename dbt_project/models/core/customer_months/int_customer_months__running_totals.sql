-- Grain: one row per customer and month, from their first event to the as-of month
{{ config(materialized='view') }}
with

spine as (select * from {{ ref('int_customer_months__spine') }}),

contracts as (select * from {{ ref('int_contracts__by_customer_month') }}),

transactions as (select * from {{ ref('int_transactions__by_customer_month') }}),

touches as (select * from {{ ref('int_interactions__by_customer_month') }}),

joined as (
    select
        spine.*,
        coalesce(contracts.contract_change, 0) as contract_change,
        coalesce(contracts.paid_contract_change, 0) as paid_contract_change,
        coalesce(contracts.paid_begin_count, 0) as paid_begin_count,
        coalesce(contracts.trial_begin_count, 0) as trial_begin_count,
        coalesce(contracts.mrr_change_amount, 0) as mrr_change_amount,
        coalesce(contracts.rateable_mrr_change_amount, 0) as rateable_mrr_change_amount,
        transactions.last_purchase_date as purchase_date,
        touches.last_use_date as use_date
    from spine
    left join contracts
        on contracts.customer_key = spine.customer_key
        and contracts.month_date = spine.month_date
    left join transactions
        on transactions.customer_key = spine.customer_key
        and transactions.month_date = spine.month_date
    left join touches
        on touches.customer_key = spine.customer_key
        and touches.month_date = spine.month_date
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
        sum(paid_begin_count) over to_here as paid_begins,
        sum(trial_begin_count) over to_here as trial_begins,
        {{ money('sum(mrr_change_amount) over to_here') }} as mrr_end_amount,
        {{ money('sum(rateable_mrr_change_amount) over to_here') }} as rateable_mrr_end_amount,
        max(purchase_date) over to_here as last_purchase_date,
        max(use_date) over to_here as last_use_date,
        max(purchase_date) over before_here as last_purchase_before_date,
        max(use_date) over before_here as last_use_before_date
    from joined
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
