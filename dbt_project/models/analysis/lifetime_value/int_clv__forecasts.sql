-- Grain: one row per fit and customer with a purchase or a paid contract by then
with

contracts as (select * from {{ ref('int_clv__contract_forecasts') }}),

purchases as (select * from {{ ref('int_clv__purchase_forecasts') }}),

growth as (select * from {{ ref('int_clv__contract_growth') }}),

-- Contracts that stay have grown by so much a year, so the mean month to come brings more than
-- today's. Who gave notice does not grow.
grown as (
    select
        contracts.*,
        coalesce(growth.growth_standard_error, 0) as growth_standard_error,
        coalesce(growth.growth_rate, 0) as growth_rate,
        case
            when contracts.method in ('sbg', 'simple')
                then {{ growth_share('contracts.unit_count') }}
            else 0
        end as growth_share
    from contracts
    left join growth
        on growth.fit = contracts.fit
    -- Whose contracts ended and who bought since is foretold as a buyer.
    left join purchases
        on purchases.fit = contracts.fit
        and purchases.customer_key = contracts.customer_key
    where purchases.customer_key is null
),

unioned as (
    select
        fit, customer_key, segment, method,
        case when method = 'sbg' then 'sbg' end as lifetime_model,
        lifetime_fit_segment, lifetime_fit_reason,
        cast(null as {{ dbt.type_string() }}) as spend_fit_segment,
        period_months, event_count,
        cast(null as bigint) as recency_days, cast(null as bigint) as observed_days,
        probability_alive, probability_alive_at_horizon, unit_count, discounted_unit_count,
        relative_error, cast(null as double) as model_error_rate,
        cast(most_units as double) as most_units,
        {{ money('margin_per_unit_amount * (1 + growth_rate * growth_share)') }}
            as margin_per_unit_amount,
        margin_per_unit_amount * sqrt(
            power((1 + growth_rate * growth_share) * margin_relative_error, 2)
            + power(growth_share * growth_standard_error, 2)
        ) as margin_error,
        margin_basis, reason
    from grown

    union all

    select
        fit, customer_key, segment, method, lifetime_model,
        lifetime_fit_segment, lifetime_fit_reason, spend_fit_segment,
        cast(null as int) as period_months, event_count,
        recency_days, observed_days,
        probability_alive, cast(null as double) as probability_alive_at_horizon,
        unit_count, discounted_unit_count, relative_error, model_error_rate,
        cast(null as double) as most_units, margin_per_unit_amount,
        margin_per_unit_amount * margin_relative_error as margin_error,
        cast(null as {{ dbt.type_string() }}) as margin_basis, reason
    from purchases
),

-- On the scale of logarithms, so that an expected number stays above zero, and within the horizon.
-- An error of more than twice the number says that nothing is known; then there is no interval.
bounded as (
    select
        *,
        margin_per_unit_amount * unit_count as value,
        {{ interval_reach() }} * margin_error * unit_count as margin_reach,
        margin_per_unit_amount * case when relative_error <= 2 then
            unit_count * exp(-{{ interval_reach() }} * relative_error)
        end as at_low_count,
        margin_per_unit_amount * case when relative_error <= 2 then least(
            unit_count * exp({{ interval_reach() }} * relative_error),
            coalesce(most_units, 1e300)
        ) end as at_high_count
    from unioned
),

-- The intervals of units and of what one leaves, put together by MOVER (Zou and Donner 2008). The
-- engines leave NULLs out of least and greatest: without a number of units there is no end.
valued as (
    select
        fit, customer_key, segment, method, lifetime_model,
        lifetime_fit_segment, lifetime_fit_reason, spend_fit_segment,
        period_months, event_count, recency_days, observed_days,
        probability_alive, probability_alive_at_horizon, unit_count, discounted_unit_count,
        margin_per_unit_amount, {{ money('abs(margin_error)') }} as margin_standard_error_amount,
        margin_basis, reason, relative_error, model_error_rate,
        case when reason is null then {{ money('value') }} end as predictive_amount,
        case when reason is null then {{ money('margin_per_unit_amount * discounted_unit_count') }}
        end as discounted_amount,
        case when reason is null and at_low_count is not null then {{ money('value - sqrt(power('
            ~ 'value - least(at_low_count, at_high_count), 2) + power(margin_reach, 2))') }}
        end as low_amount,
        case when reason is null and at_low_count is not null then {{ money('value + sqrt(power('
            ~ 'greatest(at_low_count, at_high_count) - value, 2) + power(margin_reach, 2))') }}
        end as high_amount
    from bounded
),

final as (
    select
        *,
        case
            when predictive_amount is null or low_amount is not null then null
            when method in ('contract_ended', 'notice_given') then 'nothing_to_estimate'
            when method = 'simple' then 'no_lifetime_model'
            when method = 'purchases_gamma_gamma' and model_error_rate is null
                then 'not_held_out'
            when relative_error is null then 'parameters_at_boundary'
            when relative_error > 2 then 'standard_error_too_large'
            else 'single_customer'
        end as no_interval_reason
    from valued
)

select * from final
