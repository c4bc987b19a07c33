-- Grain: one row per fit, segment or all, and purchase history that its customers share
with

buyers as (select * from {{ ref('int_clv__buyers') }}),

fits as (select * from {{ ref('int_clv__fits_wanted') }}),

pooled as (
    select
        fit, segment, repeat_count,
        recency_step, observed_step, recency_days, observed_days
    from buyers
    union all
    select
        fit, 'all' as segment, repeat_count,
        recency_step, observed_step, recency_days, observed_days
    from buyers
    where segment <> 'all'
),

final as (
    select
        pooled.fit,
        pooled.segment,
        pooled.repeat_count,
        pooled.recency_step,
        pooled.observed_step,
        count(*) as customer_count,
        avg(cast(pooled.recency_days as double)) as recency_days,
        avg(cast(pooled.observed_days as double)) as observed_days,
        -- The months of the horizon, or the days that the hold-out period has.
        max(coalesce(
            {{ days_between('fits.fit_date', 'fits.horizon_end_date') }},
            fits.horizon_months * 30.4375
        )) as horizon_days,
        max(fits.discount_rate) as discount_rate,
        max(case
            when pooled.segment = 'all' then fits.pooled_minimum_event_count
            else fits.minimum_event_count
        end) as minimum_event_count
    from pooled
    inner join fits
        on fits.fit = pooled.fit
    group by
        pooled.fit, pooled.segment,
        pooled.repeat_count, pooled.recency_step, pooled.observed_step
)

select * from final
