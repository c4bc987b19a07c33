-- Grain: one row per kind of customer (account, person, unknown) and quarter since its first event
with

interval_percentiles as (select * from {{ ref('int_purchase_intervals__percentiles') }}),

transactions as (select * from {{ ref('int_transactions__by_customer_month') }}),

interactions as (select * from {{ ref('int_interactions__by_customer_month') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

kinds as (
    select 'account' as customer_kind
    union all
    select 'person' as customer_kind
    union all
    select 'unknown' as customer_kind
),

evidence as (
    select customer_key, 'purchase' as evidence, month_date
    from transactions
    where last_purchase_date is not null
    union all
    select customer_key, 'use' as evidence, month_date
    from interactions
    where last_use_date is not null
),

first_months as (
    select
        kinds.customer_kind,
        min(evidence.month_date) as first_month_date,
        min(evidence.month_date) filter (where evidence.evidence = 'purchase')
            as first_purchase_month_date,
        min(evidence.month_date) filter (where evidence.evidence = 'use') as first_use_month_date
    from kinds
    left join customers
        on customers.customer_kind = kinds.customer_kind
    left join evidence
        on evidence.customer_key = customers.customer_key
    group by kinds.customer_kind
),

spine as (
    select
        {{ date_spine(
            'coalesce(min(first_months.first_month_date), max(run_parameters.as_of_date))',
            'max(run_parameters.as_of_date)', 'month'
        ) }} as month_at
    from first_months
    cross join run_parameters
),

quarters as (
    select distinct cast(date_trunc('quarter', month_at) as date) as quarter_date
    from spine
),

windows as (
    select
        first_months.*,
        quarters.quarter_date,
        coalesce(settings.inactivity_window_days, of_kind.usual_days, of_all.usual_days, 365)
            as inactivity_window_days,
        case
            when settings.inactivity_window_days is not null then 'setting'
            when of_kind.usual_days is not null then 'p95_of_kind'
            when of_all.usual_days is not null then 'p95_of_all'
            else 'one_year'
        end as inactivity_window_rule
    from first_months
    cross join quarters
    cross join settings
    left join interval_percentiles as of_kind
        on of_kind.customer_kind = first_months.customer_kind
        and of_kind.quarter_date = quarters.quarter_date
    left join interval_percentiles as of_all
        on of_all.customer_kind = 'all'
        and of_all.quarter_date = quarters.quarter_date
),

-- Evidence that the extracts hold only from a later month on counts once it covers a whole window:
-- else who is churned would change for no other reason than the extracts.
final as (
    select
        customer_kind,
        quarter_date,
        inactivity_window_days,
        inactivity_window_rule,
        coalesce(
            date_trunc('quarter', first_purchase_month_date)
                = date_trunc('quarter', first_month_date)
            or {{ days_between('first_purchase_month_date + interval 1 month', 'quarter_date') }}
                >= inactivity_window_days,
            false
        ) as is_purchase_counted,
        coalesce(
            date_trunc('quarter', first_use_month_date) = date_trunc('quarter', first_month_date)
            or {{ days_between('first_use_month_date + interval 1 month', 'quarter_date') }}
                >= inactivity_window_days,
            false
        ) as is_use_counted
    from windows
)

select * from final
