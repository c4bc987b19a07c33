-- Grain: one row per kind of customer, day of training and feature of the churn-risk model
with

coefficients as (select * from {{ ref('int_churn_model__coefficients') }}),

settings as (select * from {{ ref('int_settings') }}),

with_reasons as (
    select
        coefficients.*,
        case
            when coefficients.lost_customer_count = 0 then 'nobody_lost'
            when coefficients.lost_customer_count < settings.churn_minimum_lost_customers
                then 'too_few_lost'
            when coefficients.customer_count - coefficients.lost_customer_count
                < settings.churn_minimum_lost_customers then 'too_few_kept'
            when coefficients.coefficient is null then 'does_not_vary'
        end as not_fitted_reason
    from coefficients
    cross join settings
),

final as (
    select
        trained_through_date,
        customer_kind,
        feature,
        case when not_fitted_reason is null then coefficient end as coefficient,
        case when not_fitted_reason is null and feature <> 'intercept' then exp(coefficient) end
            as odds_ratio,
        mean_value,
        standard_deviation,
        cast(observation_count as bigint) as observation_count,
        cast(customer_count as bigint) as customer_count,
        cast(lost_customer_count as bigint) as lost_customer_count,
        not_fitted_reason,
        '{{ var('churn_model_version') }}' as model_version
    from with_reasons
)

select * from final
