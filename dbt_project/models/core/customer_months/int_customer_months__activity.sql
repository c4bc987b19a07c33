-- Grain: one row per customer and month, from their first event to the as-of month
with

running as (select * from {{ ref('int_customer_months__running_totals') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

rules as (select * from {{ ref('int_inactivity_windows') }}),

first_rules as (select min(quarter_date) as quarter_date from rules),

-- One rule judges both ends of a month: who comes and goes by another rule comes and goes between
-- months, and is marked. Before the first evidence there is nobody to judge.
ruled as (
    select
        running.*,
        rules.inactivity_window_days,
        rules.inactivity_window_rule,
        rules.is_purchase_counted,
        rules.is_use_counted,
        {{ activity_rule('running.customer_key', 'running.paid_begins', 'running.trial_begins',
            'running.last_purchase_date') }} as rule_at_end,
        {{ activity_rule('running.customer_key',
            'running.paid_begins - running.paid_begin_count',
            'running.trial_begins - running.trial_begin_count',
            'running.last_purchase_before_date') }} as rule_at_start,
        {{ latest_counted('purchase_date', 'use_date') }} as activity_date,
        {{ latest_counted('last_purchase_date', 'last_use_date') }} as last_activity_date,
        {{ latest_counted('last_purchase_before_date', 'last_use_before_date') }}
            as last_activity_before_date
    from running
    cross join first_rules
    left join customers
        on customers.customer_key = running.customer_key
    inner join rules
        on rules.customer_kind = coalesce(customers.customer_kind, 'unknown')
        and rules.quarter_date = greatest(
            cast(date_trunc('quarter', running.month_date) as date), first_rules.quarter_date
        )
),

flagged as (
    select
        *,
        {{ is_active('rule_at_start', 'paid_contract_count - paid_contract_change',
            'last_activity_before_date', 'month_date - 1') }} as is_active_at_start,
        {{ is_active('rule_at_end', 'paid_contract_count', 'last_activity_date', 'end_date') }}
            as is_active_at_end,
        (rule_at_end = 'contract' and paid_begin_count > 0)
            or (rule_at_end = 'inactivity_window' and activity_date is not null)
            as is_active_inside
    from ruled
),

-- The first month with an active day; somebody can come and go inside one month.
begun as (
    select
        *,
        lag(is_active_at_end, 1, false) over (
            partition by customer_key
            order by month_date
        ) as was_active_at_end,
        min(
            case when is_active_at_start or is_active_at_end or is_active_inside then month_date end
        ) over (partition by customer_key) as first_active_month_date
    from flagged
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
    from begun
)

select * from final
