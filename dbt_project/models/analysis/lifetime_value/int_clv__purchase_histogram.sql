-- Grain: one row per fit, segment or all, and purchase history that its customers share
with

buyers as (select * from {{ ref('int_clv__buyers') }}),

fits as (select * from {{ ref('int_clv__purchase_fit_specs') }}),

pooled as (
    {{ own_and_all(
        'buyers',
        'repeat_count, recency_step, observed_step, recency_days, observed_days,'
        ~ ' actual_count, training_count'
    ) }}
),

final as (
    select
        pooled.fit,
        pooled.segment,
        pooled.repeat_count,
        pooled.recency_step,
        pooled.observed_step,
        count(*) as customer_count,
        avg(pooled.recency_days) as recency_days,
        avg(pooled.observed_days) as observed_days,
        -- The months of the horizon, or the days that the hold-out period has.
        max(coalesce(
            {{ days_between('fits.fit_date', 'fits.horizon_end_date') }},
            fits.horizon_months * 30.4375
        )) as horizon_days,
        max(fits.discount_rate) as discount_rate,
        max(fits.training_for) as training_for,
        max({{ days_between('fits.fit_date', 'fits.training_end_date') }}) as training_days,
        cast(sum(pooled.actual_count) as bigint) as actual_count,
        cast(sum(pooled.actual_count * pooled.actual_count) as bigint) as actual_square_count,
        cast(sum(pooled.training_count) as bigint) as training_count,
        {{ minimum_event_count() }}
    from pooled
    inner join fits
        on fits.fit = pooled.fit
    group by
        pooled.fit, pooled.segment,
        pooled.repeat_count, pooled.recency_step, pooled.observed_step
)

select * from final
