-- Grain: one row per kind of customer (account, person, and unknown for any other)
with

transactions as (select * from {{ ref('int_transactions__converted') }}),

contracts as (select * from {{ ref('int_contracts__valued') }}),

customers as (select * from {{ ref('int_customers__attributed') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (
    select {{ setting('inactivity_window_days', 'int') }} as inactivity_window_days
    from {{ ref('analyst_settings') }}
),

purchase_days as (
    select distinct
        customers.customer_kind,
        transactions.customer_key,
        transactions.business_date
    from transactions
    cross join run_parameters
    inner join customers
        on customers.customer_key = transactions.customer_key
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind = 'sale'
        and contracts.contract_id is null
        and transactions.business_date <= run_parameters.as_of_date
),

gaps as (
    select
        customer_kind,
        {{ days_between(
            'lag(business_date) over (partition by customer_key order by business_date)',
            'business_date'
        ) }} as gap_days
    from purchase_days
),

by_kind as (
    select
        customer_kind,
        count(*) as gap_count,
        percentile_disc(0.95) within group (order by gap_days) as p95_days
    from gaps
    where gap_days is not null
    group by customer_kind
),

overall as (
    select percentile_disc(0.95) within group (order by gap_days) as p95_days
    from gaps
    where gap_days is not null
),

kinds as (
    select 'account' as customer_kind
    union all
    select 'person' as customer_kind
    union all
    select 'unknown' as customer_kind
),

-- Under 30 gaps the 95th percentile is one or two customers: all kinds together then. A year where
-- nobody has bought twice: long enough not to call a yearly buyer lost.
final as (
    select
        kinds.customer_kind,
        cast(
            case
                when settings.inactivity_window_days is not null
                    then settings.inactivity_window_days
                when by_kind.gap_count >= 30 then by_kind.p95_days
                else coalesce(overall.p95_days, 365)
            end as int
        ) as inactivity_window_days,
        case
            when settings.inactivity_window_days is not null then 'setting'
            when by_kind.gap_count >= 30 then 'p95_of_kind'
            when overall.p95_days is not null then 'p95_of_all'
            else 'one_year'
        end as inactivity_window_rule,
        coalesce(by_kind.gap_count, 0) as gap_count
    from kinds
    cross join settings
    cross join overall
    left join by_kind
        on by_kind.customer_kind = kinds.customer_kind
)

select * from final
