-- Grain: one row per customer and month, from their first event to the as-of month
with

running_totals as (select * from {{ ref('int_customer_months__running_totals') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

inactivity_windows as (select * from {{ ref('int_inactivity_windows') }}),

first_quarters as (
    select min(quarter_date) as quarter_date
    from inactivity_windows
),

-- Both ends of a month use the same window: who comes and goes because the window changed does so
-- between months, and is marked. Months before the first quarter with a window use that one.
with_windows as (
    select
        running_totals.*,
        inactivity_windows.inactivity_window_days,
        inactivity_windows.inactivity_window_rule,
        inactivity_windows.is_purchase_counted,
        inactivity_windows.is_use_counted
    from running_totals
    cross join first_quarters
    left join customers
        on customers.customer_key = running_totals.customer_key
    inner join inactivity_windows
        on inactivity_windows.customer_kind = coalesce(customers.customer_kind, 'unknown')
        and inactivity_windows.quarter_date = greatest(
            cast(date_trunc('quarter', running_totals.month_date) as date),
            first_quarters.quarter_date
        )
),

-- Who buys again after the last contract is a buyer. What was bought while it was in force says
-- nothing of staying without it.
with_purchases as (
    select
        *,
        paid_begin_to_date_count > 0 and not coalesce(
            paid_contract_count = 0
            and is_purchase_counted
            and last_purchase_date >= last_paid_end_date, false
        ) as is_by_contract_at_end,
        paid_begin_to_date_count - paid_begin_count > 0 and not coalesce(
            paid_contract_count - paid_contract_change = 0
            and is_purchase_counted
            and last_purchase_before_date >= last_paid_end_before_date, false
        ) as is_by_contract_at_start
    from with_windows
),

-- A customer that ever had a paid contract is active by contract, unless they went on buying; one
-- that only ever had a trial is not yet a customer; any other is active by purchases and use, as
-- far as they count as evidence.
with_rules as (
    select
        *,
        case
            when customer_key = 'unknown' then 'none'
            when is_by_contract_at_end then 'contract'
            when trial_begin_to_date_count > 0 and last_purchase_date is null then 'trial'
            else 'inactivity_window'
        end as rule_at_end,
        case
            when customer_key = 'unknown' then 'none'
            when is_by_contract_at_start then 'contract'
            when trial_begin_to_date_count - trial_begin_count > 0
                and last_purchase_before_date is null then 'trial'
            else 'inactivity_window'
        end as rule_at_start,
        greatest(
            case when is_purchase_counted then purchase_date end,
            case when is_use_counted then use_date end
        ) as activity_date,
        greatest(
            case when is_purchase_counted then last_purchase_date end,
            case when is_use_counted then last_use_date end
        ) as last_activity_date,
        greatest(
            case when is_purchase_counted then last_purchase_before_date end,
            case when is_use_counted then last_use_before_date end
        ) as last_activity_before_date
    from with_purchases
),

with_states as (
    select
        *,
        case
            when rule_at_start = 'contract' then paid_contract_count - paid_contract_change > 0
            when rule_at_start = 'inactivity_window' then coalesce(
                {{ days_between('last_activity_before_date', 'month_date - 1') }}
                <= inactivity_window_days, false
            )
            else false
        end as is_active_at_start,
        case
            when rule_at_end = 'contract' then paid_contract_count > 0
            when rule_at_end = 'inactivity_window' then coalesce(
                {{ days_between('last_activity_date', 'end_date') }} <= inactivity_window_days,
                false
            )
            else false
        end as is_active_at_end,
        (rule_at_end = 'contract' and paid_begin_count > 0)
            or (rule_at_end = 'inactivity_window' and activity_date is not null)
            as is_active_inside
    from with_rules
),

-- The first active month has an active day; somebody can come and go inside one month.
with_first_months as (
    select
        *,
        lag(is_active_at_end, 1, false) over (
            partition by customer_key
            order by month_date
        ) as was_active_at_end,
        min(
            case when is_active_at_start or is_active_at_end or is_active_inside then month_date end
        ) over (partition by customer_key) as first_active_month_date
    from with_states
),

final as (
    select
        customer_key,
        month_date,
        first_month_date,
        is_closed_month,
        end_date,
        rule_at_end as activity_rule,
        case
            when rule_at_end = 'contract' then 'contract'
            when rule_at_end <> 'inactivity_window' then 'none'
            when is_purchase_counted and is_use_counted then 'purchases_and_use'
            when is_purchase_counted then 'purchases'
            when is_use_counted then 'use'
            else 'none'
        end as activity_evidence,
        inactivity_window_days,
        inactivity_window_rule,
        is_active_at_start,
        is_active_at_end,
        coalesce(month_date = first_active_month_date, false)
            and not is_active_at_start as is_new,
        is_active_at_start and not is_active_at_end as is_churned,
        is_active_at_end
            and not is_active_at_start
            and month_date > first_active_month_date as is_reactivated,
        is_active_at_start <> was_active_at_end as is_reclassified,
        case
            when month_date >= first_active_month_date
                then {{ month_boundaries('first_active_month_date', 'month_date') }}
        end as tenure_months,
        contract_count,
        {{ money('mrr_end_amount - mrr_change_amount') }} as mrr_begin_amount,
        mrr_end_amount,
        {{ money('rateable_mrr_end_amount - rateable_mrr_change_amount') }}
            as rateable_mrr_begin_amount,
        last_activity_date
    from with_first_months
)

select * from final
