-- Grain: one row per customer and unbroken period of days on which they were active
with

contracts as (select * from {{ ref('int_contracts__price_periods') }}),

successors as (select * from {{ ref('int_contracts__successors') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

interactions as (select * from {{ ref('fct_interactions') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

inactivity_windows as (select * from {{ ref('int_inactivity_windows') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

terms as (
    select
        contracts.customer_key,
        contracts.contract_kind,
        contracts.from_date,
        coalesce(successors.successor_start_date, contracts.to_date, date '9999-12-31') as to_date
    from contracts
    cross join run_parameters
    left join successors
        on successors.contract_id = contracts.contract_id
        and contracts.is_last_period
    where contracts.customer_key <> 'unknown'
        and contracts.from_date <= run_parameters.as_of_date
        and (contracts.to_date is null or contracts.to_date > contracts.from_date)
),

purchases as (
    select distinct
        transactions.customer_key,
        transactions.business_date
    from transactions
    cross join run_parameters
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind = 'sale'
        and transactions.customer_key <> 'unknown'
        and transactions.business_date <= run_parameters.as_of_date
        and contracts.contract_id is null
),

activity_days as (
    select customer_key, business_date, false as is_use from purchases
    union
    select interactions.customer_key, interactions.business_date, true as is_use
    from interactions
    cross join run_parameters
    where interactions.interaction_kind = 'product_use'
        and interactions.customer_key <> 'unknown'
        and interactions.business_date <= run_parameters.as_of_date
),

-- While a paid contract is in force only contracts count, and after it only purchases and what
-- follows one; from the first trial on use counts only after a purchase.
first_terms as (
    select
        customer_key,
        coalesce(min(from_date) filter (where contract_kind = 'trial'), date '9999-12-31')
            as first_trial_date
    from terms
    group by customer_key
),

around_terms as (
    select
        activity_days.customer_key,
        activity_days.business_date,
        activity_days.is_use,
        bool_or(
            terms.from_date <= activity_days.business_date
            and terms.to_date > activity_days.business_date
        ) as has_contract,
        max(terms.to_date) filter (where terms.to_date <= activity_days.business_date)
            as last_paid_end_date,
        min(terms.from_date) filter (where terms.from_date > activity_days.business_date)
            as next_paid_date
    from activity_days
    inner join terms
        on terms.customer_key = activity_days.customer_key
        and terms.contract_kind <> 'trial'
    group by activity_days.customer_key, activity_days.business_date, activity_days.is_use
),

bought_after as (
    select
        *,
        min(case when not is_use and not has_contract then business_date end)
            over (partition by customer_key, last_paid_end_date) as first_purchase_date
    from around_terms
),

first_purchases as (
    select customer_key, min(business_date) as first_purchase_date
    from purchases
    group by customer_key
),

-- A purchase or a day of use makes active by the window of each quarter that it reaches into.
intervals as (
    select customer_key, from_date, to_date
    from terms
    where contract_kind <> 'trial'

    union all

    select
        activity_days.customer_key,
        greatest(activity_days.business_date, inactivity_windows.quarter_date) as from_date,
        least(
            activity_days.business_date + inactivity_windows.inactivity_window_days + 1,
            cast(inactivity_windows.quarter_date + interval 3 month as date),
            coalesce(bought_after.next_paid_date, date '9999-12-31'),
            case
                when activity_days.business_date >= first_purchases.first_purchase_date
                    then date '9999-12-31'
                else coalesce(first_terms.first_trial_date, date '9999-12-31')
            end
        ) as to_date
    from activity_days
    left join customers
        on customers.customer_key = activity_days.customer_key
    inner join inactivity_windows
        on inactivity_windows.customer_kind = coalesce(customers.customer_kind, 'unknown')
        and inactivity_windows.quarter_date
            <= activity_days.business_date + inactivity_windows.inactivity_window_days
        and inactivity_windows.quarter_date + interval 3 month > activity_days.business_date
        and case when activity_days.is_use then inactivity_windows.is_use_counted
            else inactivity_windows.is_purchase_counted end
    left join bought_after
        on bought_after.customer_key = activity_days.customer_key
        and bought_after.business_date = activity_days.business_date
        and bought_after.is_use = activity_days.is_use
    left join first_terms
        on first_terms.customer_key = activity_days.customer_key
    left join first_purchases
        on first_purchases.customer_key = activity_days.customer_key
    where not coalesce(bought_after.has_contract, false)
        and (
            bought_after.last_paid_end_date is null
            or (
                inactivity_windows.is_purchase_counted
                and activity_days.business_date >= bought_after.first_purchase_date
            )
        )
),

-- Intervals that overlap or touch are one period.
marked as (
    select
        *,
        coalesce(from_date > max(to_date) over (
            partition by customer_key
            order by from_date, to_date
            rows between unbounded preceding and 1 preceding
        ), true) as is_first_interval
    from intervals
    where to_date > from_date
),

numbered as (
    select
        *,
        sum(case when is_first_interval then 1 else 0 end) over (
            partition by customer_key
            order by from_date, to_date
            rows between unbounded preceding and current row
        ) as period_number
    from marked
),

final as (
    select
        customer_key,
        period_number,
        min(from_date) as from_date,
        max(to_date) as to_date
    from numbered
    group by customer_key, period_number
)

select * from final
