-- Grain: one row per fit, segment or all, contract period, periods watched, and state after them
with

tenures as (select * from {{ ref('int_clv__contract_tenures') }}),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

pooled as (
    {{ own_and_all(
        'tenures',
        'period_months, period_count, is_loss, left_months'
    ) }}
),

-- left_months is NULL for who is not in force: lost, or lost in a period that is not over.
final as (
    select
        pooled.fit,
        pooled.segment,
        pooled.period_months,
        pooled.period_count,
        pooled.is_loss,
        pooled.left_months,
        count(*) as tenure_count,
        max(fits.horizon_months) as horizon_months,
        max(fits.discount_rate) as discount_rate,
        {{ minimum_event_count() }}
    from pooled
    inner join fits
        on fits.fit = pooled.fit
    group by
        pooled.fit, pooled.segment, pooled.period_months,
        pooled.period_count, pooled.is_loss, pooled.left_months
)

select * from final
