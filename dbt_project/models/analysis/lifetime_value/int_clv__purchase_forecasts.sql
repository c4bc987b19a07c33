-- Grain: one row per fit and customer who has bought, and not only before or under a paid contract
with

all_buyers as (select * from {{ ref('int_clv__buyers') }}),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

chosen as (select * from {{ ref('int_clv__selected_fits') }}),

chosen_models as (select * from {{ ref('int_clv__chosen_models') }}),

model_errors as (select * from {{ ref('int_clv__model_errors') }}),

predictions as (select * from {{ ref('int_clv__purchase_predictions') }}),

spend as (select * from {{ ref('int_clv__spend_predictions') }}),

months as (select * from {{ ref('int_clv__recent_months') }}),

-- The model of the segment where it has one of its own, else that of all, by kind of buyer.
buyers as (
    select
        all_buyers.*,
        {{ buyer_kind('all_buyers.repeat_count') }} as buyer_kind,
        coalesce(own.model, pooled.model, 'bgnbd') as lifetime_model,
        sqrt(model_errors.model_variance_per_day * coalesce(
            {{ days_between('fits.fit_date', 'fits.horizon_end_date') }},
            fits.horizon_months * 30.4375
        )) as model_error
    from all_buyers
    inner join fits
        on fits.fit = all_buyers.fit
    left join chosen_models as own
        on own.segment = all_buyers.segment
        and own.buyer_kind = {{ buyer_kind('all_buyers.repeat_count') }}
    left join chosen_models as pooled
        on pooled.segment = 'all'
        and pooled.buyer_kind = {{ buyer_kind('all_buyers.repeat_count') }}
    left join model_errors
        on model_errors.buyer_kind = {{ buyer_kind('all_buyers.repeat_count') }}
),

-- What a unit of purchases leaves after cost of sales, refunds, support and programmes: of all
-- buyers together, since a single one's year is a handful of purchases.
customers as (
    select
        months.fit,
        months.customer_key,
        sum(months.contribution_amount) as y,
        coalesce(sum(months.spend_amount), 0) as x
    from months
    inner join buyers
        on buyers.fit = months.fit
        and buyers.customer_key = months.customer_key
    group by months.fit, months.customer_key
),

margins as (
    select
        fit,
        {{ ratio('sum(y)', 'sum(x)') }} as contribution_rate,
        {{ rate_relative_error('y', 'x') }} as relative_error
    from customers
    group by fit
),

predicted as (
    select
        buyers.*,
        lifetime.used_segment as lifetime_fit_segment,
        lifetime.why_not_own as lifetime_fit_reason,
        value.used_segment as spend_fit_segment,
        case
            when lifetime.used_segment is null then lifetime.why_not_pooled
            when value.used_segment is null then value.why_not_pooled
            when not {{ is_finite('predictions.expected_purchases') }}
                or not {{ is_finite('spend.intercept') }} then 'the model gives no number'
            when margins.contribution_rate is null then 'what a purchase leaves is not known'
        end as reason,
        predictions.alive_rate,
        predictions.expected_purchases,
        predictions.discounted_purchases,
        {%- for number in range(1, 6) %}
        predictions.error_{{ number }},
        {%- endfor %}
        spend.intercept + spend.slope * coalesce(buyers.mean_spend_amount, 0) as spend_amount,
        spend.intercept_variance
            + 2 * spend.covariance * coalesce(buyers.mean_spend_amount, 0)
            + spend.slope_variance * power(coalesce(buyers.mean_spend_amount, 0), 2)
            as spend_variance,
        margins.contribution_rate,
        margins.relative_error as margin_relative_error
    from buyers
    left join chosen as lifetime
        on lifetime.fit = buyers.fit
        and lifetime.model = buyers.lifetime_model
        and lifetime.segment = buyers.segment
    left join chosen as value
        on value.fit = buyers.fit
        and value.model = 'gamma_gamma'
        and value.segment = buyers.segment
    left join predictions
        on predictions.fit = buyers.fit
        and predictions.segment = lifetime.used_segment
        and predictions.model = buyers.lifetime_model
        and {{ same('predictions', 'buyers', ['repeat_count', 'recency_step', 'observed_step']) }}
    left join spend
        on spend.fit = buyers.fit
        and spend.segment = value.used_segment
        and spend.spend_count = buyers.spend_count
    left join margins
        on margins.fit = buyers.fit
),

final as (
    select
        fit,
        customer_key,
        segment,
        case when {{ is_finite('expected_purchases') }} then 'purchases_gamma_gamma' else 'none' end
            as method,
        buyer_kind,
        case when {{ is_finite('expected_purchases') }} then lifetime_model end as lifetime_model,
        lifetime_fit_segment,
        lifetime_fit_reason,
        spend_fit_segment,
        repeat_count as event_count,
        recency_days,
        observed_days,
        alive_rate as probability_alive,
        expected_purchases as unit_count,
        discounted_purchases as discounted_unit_count,
        {%- for number in range(1, 6) %}
        error_{{ number }},
        {%- endfor %}
        case when {{ is_finite('spend_variance') }}
            then {{ settled('sqrt(spend_variance) / spend_amount') }} end as spend_relative_error,
        {{ settled('model_error') }} as model_error_rate,
        -- Lifetimes and spend are estimated apart, and the model may be wrong: the errors add as
        -- squares.
        case
            when {{ is_finite('error_1') }} and {{ is_finite('spend_variance') }}
                then {{ settled('sqrt((power(error_1, 2) + power(error_2, 2) + power(error_3, 2)'
                    ~ ' + power(error_4, 2) + power(error_5, 2)) / power(expected_purchases, 2)'
                    ~ ' + spend_variance / power(spend_amount, 2) + power(model_error, 2))') }}
        end as relative_error,
        {{ money('spend_amount * contribution_rate') }} as margin_per_unit_amount,
        margin_relative_error,
        reason
    from predicted
)

select * from final
