-- Grain: one row per kind of customer (or all of them) and quarter after the first purchase
with

lengths as (select * from {{ ref('int_purchase_intervals__counts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

spine as (
    select
        {{ date_spine('min(lengths.quarter_date)', 'max(run_parameters.as_of_date)', 'month') }}
            as month_at
    from lengths
    cross join run_parameters
),

quarters as (
    select distinct cast(date_trunc('quarter', month_at) as date) as quarter_date
    from spine
),

-- Only what was known when the quarter began.
known as (
    select
        lengths.customer_kind,
        quarters.quarter_date,
        lengths.pause_days,
        sum(lengths.purchase_day_count) as pause_count,
        min(lengths.first_date) as first_date
    from quarters
    inner join lengths
        on lengths.quarter_date < quarters.quarter_date
    group by lengths.customer_kind, quarters.quarter_date, lengths.pause_days
),

ranked as (
    select
        *,
        sum(case when pause_days is not null then pause_count end) over (
            partition by customer_kind, quarter_date
            order by pause_days nulls last
            rows between unbounded preceding and current row
        ) as up_to_here_count,
        sum(case when pause_days is not null then pause_count end)
            over (partition by customer_kind, quarter_date) as known_count
    from known
),

estimated as (
    select
        customer_kind,
        quarter_date,
        coalesce(max(known_count), 0) as pause_count,
        min(case when 20 * up_to_here_count >= 19 * known_count then pause_days end) as p95_days,
        {{ days_between('min(first_date)', 'quarter_date') }} as record_days
    from ranked
    group by customer_kind, quarter_date
),

-- A percentile of few pauses is one or two customers, and a young record has no long ones yet.
judged as (
    select
        *,
        case when pause_count >= 30 and 4 * p95_days <= record_days then p95_days end
            as usual_days
    from estimated
),

-- The first figure of a calendar year holds for all of it: a rule that changes all the time would
-- make customers come and go.
final as (
    select
        customer_kind,
        quarter_date,
        cast(pause_count as bigint) as pause_count,
        cast(p95_days as int) as p95_days,
        cast(record_days as int) as record_days,
        cast(min_by(usual_days, case when usual_days is not null then quarter_date end) over (
            partition by customer_kind, year(quarter_date)
            order by quarter_date
            rows between unbounded preceding and current row
        ) as int) as usual_days
    from judged
)

select * from final
