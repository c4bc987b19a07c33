-- Grain: one row per customer active on a score date, with the risk the model of that day gives
with

features as (select * from {{ ref('int_churn_model__features') }} where is_active),

coefficients as (select * from {{ ref('fct_churn_risk_model') }}),

-- One row per model, so that a customer meets it once.
models as (
    select
        customer_kind,
        trained_through_date,
        max(observation_count) as observation_count,
        max(customer_count) as customer_count,
        max(lost_customer_count) as lost_customer_count,
        max(model_version) as model_version,
        max(not_fitted_reason) filter (where feature = 'intercept') as not_fitted_reason,
        max(coefficient) filter (where feature = 'intercept') as intercept
        {%- for feature in churn_features() %},
        max(mean_value) filter (where feature = '{{ feature }}') as {{ feature }}_mean,
        max({{ ratio('coefficient', 'standard_deviation') }})
            filter (where feature = '{{ feature }}') as {{ feature }}_slope
        {%- endfor %}
    from coefficients
    group by 1, 2
),

-- The newest model that existed on the score date: it knows nothing that came later.
dated as (
    select
        score_dates.customer_kind,
        score_dates.score_date,
        max(models.trained_through_date) as trained_through_date
    from (select distinct customer_kind, score_date from features) as score_dates
    inner join models
        on models.customer_kind = score_dates.customer_kind
        and models.trained_through_date <= score_dates.score_date
    group by 1, 2
),

added as (
    select
        features.customer_key,
        features.score_date,
        features.customer_kind,
        models.trained_through_date,
        models.observation_count,
        models.customer_count,
        models.lost_customer_count,
        models.model_version,
        models.not_fitted_reason,
        models.intercept
        {%- for part in churn_parts() %},
        case when models.intercept is not null then {{ settled(churn_contribution(part)) }} end
            as {{ part }}_contribution
        {%- endfor %}
    from features
    left join dated
        on dated.customer_kind = features.customer_kind
        and dated.score_date = features.score_date
    left join models
        on models.customer_kind = dated.customer_kind
        and models.trained_through_date = dated.trained_through_date
),

final as (
    select
        *,
        {{ settled('1 / (1 + exp(-(intercept + ' ~ churn_parts() | join('_contribution + ')
            ~ '_contribution)))') }} as model_risk_rate
    from added
)

select * from final
