-- Grain: one row per fit and customer with a purchase or a paid contract by then
with

contracts as (select * from {{ ref('int_clv__contract_forecasts') }}),

purchases as (select * from {{ ref('int_clv__purchase_forecasts') }}),

unioned as (
    select
        fit, customer_key, segment, method,
        lifetime_fit_segment, lifetime_fit_reason, cast(null as varchar) as spend_fit_segment,
        period_months, event_count,
        cast(null as bigint) as recency_days, cast(null as bigint) as observed_days,
        active_rate, horizon_active_rate, unit_count, discounted_unit_count, relative_error,
        cast(most_units as double) as most_units, margin_per_unit_amount, margin_basis, reason
    from contracts

    union all

    select
        fit, customer_key, segment, method,
        lifetime_fit_segment, lifetime_fit_reason, spend_fit_segment,
        cast(null as int) as period_months, event_count,
        recency_days, observed_days,
        active_rate, cast(null as double) as horizon_active_rate,
        unit_count, discounted_unit_count, relative_error,
        cast(null as double) as most_units, margin_per_unit_amount,
        cast(null as varchar) as margin_basis, reason
    from purchases
),

-- On the scale of logarithms, so that an expected number stays above zero, and within the horizon.
-- An error of more than twice the number says that nothing is known; then there is no interval.
bounded as (
    select
        *,
        case when relative_error <= 2 then
            unit_count * exp(-{{ interval_reach() }} * relative_error)
        end as unit_low,
        case when relative_error <= 2 then least(
            unit_count * exp({{ interval_reach() }} * relative_error),
            coalesce(most_units, 1e300)
        ) end as unit_high
    from unioned
),

final as (
    select
        fit, customer_key, segment, method,
        lifetime_fit_segment, lifetime_fit_reason, spend_fit_segment,
        period_months, event_count, recency_days, observed_days,
        active_rate, horizon_active_rate, unit_count, discounted_unit_count,
        margin_per_unit_amount, margin_basis, reason,
        case when reason is null then {{ money('margin_per_unit_amount * unit_count') }} end
            as predictive_amount,
        case when reason is null then {{ money('margin_per_unit_amount * discounted_unit_count') }}
        end as discounted_amount,
        case when reason is null then {{ money('least(margin_per_unit_amount * unit_low,'
            ~ ' margin_per_unit_amount * unit_high)') }} end as low_amount,
        case when reason is null then {{ money('greatest(margin_per_unit_amount * unit_low,'
            ~ ' margin_per_unit_amount * unit_high)') }} end as high_amount
    from bounded
)

select * from final
