-- Grain: one row per kind of buyer, and all of them
with

forecasts as (select * from {{ ref('int_clv__purchase_forecasts') }}),

model_errors as (select * from {{ ref('int_clv__model_errors') }}),

fits as (
    select * from {{ ref('int_clv__fit_specs') }}
    where fit = 'current'
),

-- Customers of one fit share the error of its parameters, in five independent parts.
by_fit as (
    select
        buyer_kind,
        lifetime_model,
        lifetime_fit_segment,
        count(*) as customer_count,
        {{ exact_sum('unit_count') }} as unit_count
        {%- for number in range(1, 6) %},
        {{ exact_sum('error_' ~ number) }} as error_{{ number }}
        {%- endfor %},
        count(margin_per_unit_amount) filter (where reason is null) as valued_customer_count,
        {{ exact_sum('margin_per_unit_amount * unit_count', 'reason is null', places=8) }}
            as amount,
        {{ exact_sum('abs(margin_per_unit_amount) * unit_count * spend_relative_error',
            'reason is null', places=8) }} as spend_error,
        max(margin_relative_error) as margin_relative_error
    from forecasts
    where fit = 'current'
        and method <> 'none'
    group by buyer_kind, lifetime_model, lifetime_fit_segment
),

-- Fits have their customers in common, so their errors are taken to go together.
summed as (
    select
        coalesce(buyer_kind, 'all') as buyer_kind,
        sum(customer_count) as customer_count,
        {{ exact_sum('unit_count') }} as unit_count,
        {{ exact_sum('sqrt(power(error_1, 2) + power(error_2, 2) + power(error_3, 2)'
            ~ ' + power(error_4, 2) + power(error_5, 2))') }} as parameter_error,
        sum(valued_customer_count) as valued_customer_count,
        {{ exact_sum('amount', places=8) }} as amount,
        {{ exact_sum('spend_error', places=8) }} as spend_error,
        max(margin_relative_error) as margin_relative_error
    from by_fit
    group by grouping sets ((), (buyer_kind))
),

-- What the parameters, chance (as customers' own errors showed it) and the model are wrong by, as
-- shares of the total.
measured as (
    select
        summed.*,
        fits.fit_date,
        fits.horizon_months,
        model_errors.holdout_count,
        model_errors.longest_holdout_months,
        summed.parameter_error / summed.unit_count as parameter_error_rate,
        sqrt((1 + model_errors.dispersion_per_day * fits.horizon_months * 30.4375)
            / summed.unit_count) as chance_error_rate,
        sqrt(model_errors.model_variance_per_day * fits.horizon_months * 30.4375)
            as model_error_rate
    from summed
    cross join fits
    left join model_errors
        on model_errors.buyer_kind = summed.buyer_kind
    where summed.unit_count > 0
),

combined as (
    select
        *,
        sqrt(power(parameter_error_rate, 2) + power(chance_error_rate, 2)
            + power(model_error_rate, 2)) as error_rate
    from measured
),

-- As of one customer: an error of more than twice the total is no interval. Of buyers who have all
-- gone quiet next to nothing is expected, and chance is a thousand times as much.
bounded as (
    select
        *,
        case when error_rate <= 2 then {{ interval_reach() }} * error_rate end as reach,
        {{ interval_reach() }} * sqrt(power(amount * margin_relative_error, 2)
            + power(spend_error, 2)) as amount_reach
    from combined
),

-- Units on the scale of logarithms; with what one leaves put together by MOVER (Zou and Donner
-- 2008).
final as (
    select
        buyer_kind,
        fit_date as as_of_date,
        horizon_months,
        cast(customer_count as bigint) as customer_count,
        {{ settled('unit_count') }} as expected_purchase_days,
        {{ settled('unit_count * exp(-reach)') }} as expected_purchase_days_low,
        {{ settled('unit_count * exp(reach)') }} as expected_purchase_days_high,
        cast(valued_customer_count as bigint) as valued_customer_count,
        {{ money('amount') }} as predictive_clv_amount,
        {{ money('amount - sqrt(power(abs(amount) * case when amount < 0 then exp(reach) - 1'
            ~ ' else 1 - exp(-reach) end, 2) + power(amount_reach, 2))') }}
            as predictive_clv_low_amount,
        {{ money('amount + sqrt(power(abs(amount) * case when amount < 0 then 1 - exp(-reach)'
            ~ ' else exp(reach) - 1 end, 2) + power(amount_reach, 2))') }}
            as predictive_clv_high_amount,
        {{ settled('parameter_error_rate') }} as parameter_error_rate,
        {{ settled('chance_error_rate') }} as chance_error_rate,
        {{ settled('model_error_rate') }} as model_error_rate,
        coalesce(holdout_count, 0) as holdout_count,
        cast(longest_holdout_months as int) as longest_holdout_months,
        case
            when holdout_count is null then 'not_held_out'
            when error_rate > 2 then 'standard_error_too_large'
        end as no_interval_reason
    from bounded
)

select * from final
