-- Grain: one row per hold-out, segment or all, kind of buyer and model or regression
with

predictions as (select * from {{ ref('int_clv__purchase_predictions') }}),

histogram as (select * from {{ ref('int_clv__purchase_histogram') }}),

fits as (select * from {{ ref('int_clv__purchase_fit_specs') }}),

-- Histories with the number n of customers, the sum of what each of them bought and of its square.
predicted as (
    select
        predictions.*,
        histogram.customer_count as n,
        histogram.horizon_days,
        {{ buyer_kind('predictions.repeat_count') }} as buyer_kind,
        cast(histogram.actual_count as double) as came,
        cast(histogram.actual_square_count as double) as came_squares
    from predictions
    inner join histogram
        on {{ same('histogram', 'predictions', [
            'fit', 'segment', 'repeat_count', 'recency_step', 'observed_step',
        ]) }}
    where predictions.fit <> 'current'
        and {{ is_finite('predictions.expected_purchases') }}
),

compared as (
    select
        predicted.*,
        predicted.expected_purchases as p,
        regression.expected_purchases as q
    from predicted
    left join predictions as regression
        on regression.model = 'regression'
        and {{ same('regression', 'predicted', [
            'fit', 'segment', 'repeat_count', 'recency_step', 'observed_step',
        ]) }}
),

-- Deviance of Poisson, but for what is the same of all models. Squared errors, and how much more
-- of them there is than of the regression, with the sum of its squares over customers.
summed as (
    select
        fit,
        segment,
        buyer_kind,
        model,
        max(horizon_days) as horizon_days,
        cast(sum(n) as bigint) as customer_count,
        {{ exact_sum('n * p') }} as predicted_count,
        {{ exact_sum('came') }} as actual_count,
        {{ exact_sum('n * p - came * ln(greatest(p, 1e-9))') }} as deviance,
        {{ exact_sum('came_squares - 2 * p * came + n * p * p') }} as squared_error,
        {{ exact_sum('(p - q) * ((p + q) * n - 2 * came)') }} as excess,
        {{ exact_sum('power(p - q, 2) * (power(p + q, 2) * n - 4 * (p + q) * came'
            ~ ' + 4 * came_squares)') }} as excess_squares
        {%- for number in range(1, 6) %},
        {{ exact_sum('n * error_' ~ number) }} as error_{{ number }}
        {%- endfor %}
    from compared
    group by fit, segment, buyer_kind, model
),

final as (
    select
        summed.fit,
        fits.fit_date,
        fits.horizon_months,
        summed.horizon_days,
        summed.segment,
        summed.buyer_kind,
        summed.model,
        summed.customer_count,
        {{ settled('summed.predicted_count') }} as predicted_count,
        summed.actual_count,
        {{ settled('summed.deviance') }} as deviance,
        {{ settled('summed.squared_error') }} as squared_error,
        {{ settled('sqrt(power(error_1, 2) + power(error_2, 2) + power(error_3, 2)'
            ~ ' + power(error_4, 2) + power(error_5, 2))') }} as parameter_error,
        case when summed.model <> 'regression' then {{ settled(
            'summed.excess / nullif(sqrt(summed.excess_squares'
            ~ ' - power(summed.excess, 2) / summed.customer_count), 0)') }}
        end as excess_over_regression
    from summed
    inner join fits
        on fits.fit = summed.fit
)

select * from final
