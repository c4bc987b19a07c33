-- Grain: one row per customer on the as-of date
with

customers as (select * from {{ ref('fct_customer_roi') }}),

forecasts as (select * from {{ ref('int_clv__forecasts') }}),

months as (select * from {{ ref('fct_customer_months') }}),

holdout as (select * from {{ ref('fct_clv_holdout') }}),

model_errors as (select * from {{ ref('int_clv__model_errors') }}),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

segments as (select * from {{ ref('int_customer_segments__backdated') }}),

held_out as (
    select horizon_months
    from fits
    where fit = 'holdout'
),

-- Who came back and who did not are held against what came of such customers.
current_forecasts as (
    select
        *,
        case
            when observed_days is null then 'all'
            when event_count = 0 then '0'
            else '1+'
        end as judged_by,
        {{ buyer_kind('event_count') }} as buyer_kind
    from forecasts
    where fit = 'current'
),

final as (
    select
        customers.customer_key,
        customers.as_of_date,
        customers.customer_kind,
        coalesce(forecasts.method, 'none') as method,
        case
            when forecasts.customer_key is not null then forecasts.reason
            when months.activity_rule = 'none' then 'the unknown member'
            when months.activity_rule = 'trial' then 'has only ever tried'
            when months.activity_rule = 'contract' then 'no paid contract has been in force'
            else 'has never bought'
        end as no_clv_reason,
        coalesce(forecasts.segment, segments.segment, 'unknown') as segment,
        forecasts.lifetime_model,
        forecasts.lifetime_fit_segment,
        forecasts.lifetime_fit_reason,
        forecasts.spend_fit_segment,
        forecasts.period_months,
        case when forecasts.period_months is not null then forecasts.event_count end
            as renewal_count,
        case when forecasts.observed_days is not null then forecasts.event_count end
            as repeat_purchase_day_count,
        forecasts.recency_days,
        forecasts.observed_days,
        {{ settled('forecasts.probability_alive') }} as probability_alive,
        {{ settled('forecasts.probability_alive_at_horizon') }} as probability_alive_at_horizon,
        fits.horizon_months,
        fits.discount_rate,
        case when forecasts.period_months is not null then {{ settled('forecasts.unit_count') }} end
            as expected_contract_months,
        case when forecasts.observed_days is not null then {{ settled('forecasts.unit_count') }} end
            as expected_purchase_days,
        forecasts.margin_per_unit_amount,
        forecasts.margin_standard_error_amount,
        forecasts.margin_basis,
        forecasts.predictive_amount as predictive_clv_amount,
        forecasts.low_amount as predictive_clv_low_amount,
        forecasts.high_amount as predictive_clv_high_amount,
        {{ settled('forecasts.model_error_rate') }} as model_error_rate,
        forecasts.no_interval_reason,
        forecasts.discounted_amount as discounted_predictive_clv_amount,
        case
            when whole.method is null or whole.not_calibrated_reason = 'too_few_customers' then null
            else whole.not_calibrated_reason is null
                and coalesce(own.not_calibrated_reason, 'too_few_customers') = 'too_few_customers'
                and coalesce(model_errors.excess_over_regression, 0) <= 2
        end as is_calibrated_in_holdout,
        case when whole.method is not null then held_out.horizon_months end as holdout_months,
        case
            when whole.method is null then 'not_held_out'
            when own.not_calibrated_reason <> 'too_few_customers'
                then concat('segment: ', own.not_calibrated_reason)
            when whole.not_calibrated_reason is not null
                then concat('all: ', whole.not_calibrated_reason)
            when model_errors.excess_over_regression > 2 then 'all: regression_is_better'
        end as not_calibrated_reason,
        whole.error_amount_rate as holdout_error_rate,
        customers.historic_clv_amount,
        customers.is_support_cost_recorded,
        customers.support_cost_unknown_month_count,
        {{ money('customers.historic_clv_amount + forecasts.predictive_amount') }}
            as total_clv_amount
    from customers
    cross join fits
    left join held_out
        on true
    left join current_forecasts as forecasts
        on forecasts.customer_key = customers.customer_key
    left join holdout as whole
        on whole.method = forecasts.method
        and whole.segment = 'all'
        and whole.event_bucket = forecasts.judged_by
    left join holdout as own
        on own.method = forecasts.method
        and own.segment = forecasts.segment
        and own.event_bucket = forecasts.judged_by
    left join model_errors
        on forecasts.judged_by <> 'all'
        and model_errors.buyer_kind = forecasts.buyer_kind
    left join months
        on months.customer_key = customers.customer_key
        and months.month_date = cast(date_trunc('month', customers.as_of_date) as date)
    left join segments
        on segments.customer_key = customers.customer_key
        and segments.segmentation = fits.segmentation
        and segments.valid_from_date <= customers.as_of_date
        and segments.valid_to_date > customers.as_of_date
    where fits.fit = 'current'
)

select * from final
