-- Grain: one row per kind of customer and month end, the inactivity window as known on that day
with

pauses as (select * from {{ ref('int_purchases__spaced') }} where is_over),

customer_months as (select * from {{ ref('int_customer_months__states') }}),

settings as (
    select {{ setting('inactivity_window_days', 'int') }} as inactivity_window_days
    from {{ ref('analyst_settings') }}
),

days as (select distinct month_date, end_date as known_date from customer_months),

kinds as (
    select 'account' as customer_kind
    union all
    select 'person' as customer_kind
    union all
    select 'unknown' as customer_kind
),

-- Counted by length first: a percentile per day over every pause again would grow with both.
counted as (
    select
        customer_kind,
        pause_days,
        cast(date_trunc('month', business_date + cast(pause_days as int)) as date) as month_date,
        count(*) as pause_count
    from pauses
    group by 1, 2, 3
),

both_levels as (
    select * from counted

    union all

    select '*' as customer_kind, pause_days, month_date, pause_count from counted
),

known as (
    select
        days.known_date,
        both_levels.customer_kind,
        both_levels.pause_days,
        sum(both_levels.pause_count) as pause_count
    from days
    inner join both_levels
        on both_levels.month_date <= days.month_date
    group by 1, 2, 3
),

ordered as (
    select
        *,
        sum(pause_count) over (
            partition by known_date, customer_kind order by pause_days
        ) as not_longer_count,
        sum(pause_count) over (partition by known_date, customer_kind) as total_count
    from known
),

percentiles as (
    select
        known_date,
        customer_kind,
        max(total_count) as pause_count,
        min(case when 100 * not_longer_count >= 95 * total_count then pause_days end) as p95_days
    from ordered
    group by 1, 2
),

-- The rules of int_inactivity_windows, which knows one day, the as-of date.
final as (
    select
        days.known_date,
        kinds.customer_kind,
        cast(coalesce(
            settings.inactivity_window_days,
            case when of_kind.pause_count >= 30 then of_kind.p95_days end,
            of_all.p95_days,
            365
        ) as int) as inactivity_window_days
    from days
    cross join kinds
    cross join settings
    left join percentiles as of_kind
        on of_kind.known_date = days.known_date
        and of_kind.customer_kind = kinds.customer_kind
    left join percentiles as of_all
        on of_all.known_date = days.known_date
        and of_all.customer_kind = '*'
)

select * from final
