-- Grain: one row per fit and customer who has or had a paid contract by then: months to come
with

tenures as (select * from {{ ref('int_clv__contract_tenures') }}),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

chosen as (select * from {{ ref('int_clv__selected_fits') }}),

predictions as (select * from {{ ref('int_clv__tenure_predictions') }}),

margins as (select * from {{ ref('int_clv__contract_margins') }}),

customers as (select * from {{ ref('dim_customers') }}),

lifetimes as (select * from {{ ref('int_expected_lifetimes__by_customer_kind') }}),

routed as (
    select
        tenures.*,
        fits.horizon_months,
        fits.discount_rate,
        chosen.used_segment,
        chosen.why_not_own,
        chosen.why_not_pooled,
        predictions.expected_months,
        predictions.discounted_months,
        predictions.relative_error,
        predictions.horizon_rate,
        margins.margin_amount,
        margins.margin_basis,
        margins.margin_relative_error,
        -- Only of today: the churn of the last twelve months is later than a past fit.
        case when tenures.fit = 'current' then lifetimes.monthly_churn_rate end as churn_rate,
        least(tenures.known_months, fits.horizon_months) as months_to_end,
        case
            when not tenures.is_in_force then 'contract_ended'
            when tenures.known_months is not null then 'notice_given'
            when {{ is_finite('predictions.expected_months') }} then 'sbg'
            when tenures.fit = 'current' and lifetimes.monthly_churn_rate is not null then 'simple'
            else 'none'
        end as method
    from tenures
    inner join fits
        on fits.fit = tenures.fit
    left join chosen
        on chosen.fit = tenures.fit
        and chosen.model = 'sbg'
        and chosen.segment = tenures.segment
        and chosen.period_months = tenures.period_months
    left join predictions
        on predictions.fit = tenures.fit
        and predictions.segment = chosen.used_segment
        and predictions.period_months = tenures.period_months
        and predictions.period_count = tenures.period_count
        and predictions.left_months = tenures.left_months
    left join margins
        on margins.fit = tenures.fit
        and margins.customer_key = tenures.customer_key
    left join customers
        on customers.customer_key = tenures.customer_key
    left join lifetimes
        on lifetimes.customer_kind = customers.customer_kind
    where tenures.is_latest
),

final as (
    select
        fit,
        customer_key,
        segment,
        method,
        case when method = 'sbg' then used_segment end as lifetime_fit_segment,
        case
            when method = 'sbg' then why_not_own
            when method in ('simple', 'none') then why_not_pooled
        end as lifetime_fit_reason,
        period_months,
        period_count as event_count,
        case when is_in_force then cast(1 as double) else cast(0 as double) end
            as probability_alive,
        case when method = 'sbg' then horizon_rate end as probability_alive_at_horizon,
        {{ settled('case method'
            ~ " when 'contract_ended' then 0"
            ~ " when 'notice_given' then months_to_end"
            ~ " when 'sbg' then expected_months"
            ~ " when 'simple' then " ~ months_served('churn_rate', 'horizon_months')
            ~ ' end') }} as unit_count,
        {{ settled('case method'
            ~ " when 'contract_ended' then 0"
            ~ " when 'notice_given' then "
            ~ discounted_span('months_to_end', 'ln(1 + discount_rate) / 12')
            ~ " when 'sbg' then discounted_months"
            ~ " when 'simple' then " ~ months_served(
                '(1 - (1 - churn_rate) / power(1 + discount_rate, 1 / 12.0))', 'horizon_months')
            ~ ' end') }} as discounted_unit_count,
        case when method = 'sbg' and {{ is_finite('relative_error') }} then relative_error end
            as relative_error,
        horizon_months as most_units,
        case
            when method = 'contract_ended' then cast(0 as decimal(18, 4)) else margin_amount
        end as margin_per_unit_amount,
        case when method <> 'contract_ended' then margin_basis end as margin_basis,
        margin_relative_error,
        case
            when method = 'none' then why_not_pooled
            when method <> 'contract_ended' and margin_amount is null
                then 'what a month under contract leaves is not known'
        end as reason
    from routed
)

select * from final
