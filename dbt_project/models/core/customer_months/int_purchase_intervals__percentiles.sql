-- Grain: one row per kind of customer (or all of them) and quarter after the first purchase
with

transactions as (select * from {{ ref('int_transactions__in_reporting_currency') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

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

-- An interval is known from the purchase on that ended it; a first purchase ended none (NULL).
intervals as (
    select
        customer_kind,
        business_date,
        {{ days_between(
            'lag(business_date) over (partition by customer_key order by business_date)',
            'business_date'
        ) }} as interval_days
    from purchase_days
),

interval_counts as (
    select
        customer_kind,
        cast(date_trunc('quarter', business_date) as date) as quarter_date,
        interval_days,
        min(business_date) as first_date,
        count(*) as interval_count
    from intervals
    group by customer_kind, cast(date_trunc('quarter', business_date) as date), interval_days
),

with_all_kinds as (
    select * from interval_counts

    union all

    select
        'all' as customer_kind,
        quarter_date,
        interval_days,
        min(first_date) as first_date,
        sum(interval_count) as interval_count
    from interval_counts
    group by quarter_date, interval_days
),

spine as (
    select
        {{ date_spine('min(interval_counts.quarter_date)', 'max(run_parameters.as_of_date)',
            'month') }} as month_at
    from interval_counts
    cross join run_parameters
),

quarters as (
    select distinct cast(date_trunc('quarter', month_at) as date) as quarter_date
    from spine
),

-- Only what was known when the quarter began.
known_intervals as (
    select
        with_all_kinds.customer_kind,
        quarters.quarter_date,
        with_all_kinds.interval_days,
        sum(with_all_kinds.interval_count) as interval_count,
        min(with_all_kinds.first_date) as first_date
    from quarters
    inner join with_all_kinds
        on with_all_kinds.quarter_date < quarters.quarter_date
    group by with_all_kinds.customer_kind, quarters.quarter_date, with_all_kinds.interval_days
),

cumulated as (
    select
        *,
        sum(case when interval_days is not null then interval_count end) over (
            partition by customer_kind, quarter_date
            order by interval_days nulls last
            rows between unbounded preceding and current row
        ) as up_to_here_count,
        sum(case when interval_days is not null then interval_count end)
            over (partition by customer_kind, quarter_date) as known_count
    from known_intervals
),

percentiles as (
    select
        customer_kind,
        quarter_date,
        coalesce(max(known_count), 0) as interval_count,
        min(case when 20 * up_to_here_count >= 19 * known_count then interval_days end)
            as p95_days,
        {{ days_between('min(first_date)', 'quarter_date') }} as record_days
    from cumulated
    group by customer_kind, quarter_date
),

-- A percentile of few intervals is one or two customers, and a young record has no long ones yet.
usable as (
    select
        *,
        case when interval_count >= 30 and 4 * p95_days <= record_days then p95_days end
            as usual_days
    from percentiles
),

-- The first figure of a calendar year holds for all of it: a window that changes all the time would
-- make customers come and go.
final as (
    select
        customer_kind,
        quarter_date,
        cast(interval_count as bigint) as interval_count,
        cast(p95_days as int) as p95_days,
        cast(record_days as int) as record_days,
        cast(min_by(usual_days, case when usual_days is not null then quarter_date end) over (
            partition by customer_kind, year(quarter_date)
            order by quarter_date
            rows between unbounded preceding and current row
        ) as int) as usual_days
    from usable
)

select * from final
