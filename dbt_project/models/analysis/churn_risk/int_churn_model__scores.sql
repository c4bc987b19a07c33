-- Grain: one row per customer active on a score date: their risk by the model of that day
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

-- The newest model that existed on the score date: it has seen no later outcome.
models_in_force as (
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

log_odds as (
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
        models.intercept,
        {{ log_odds_added('usage') }} + {{ log_odds_added('usage_missing') }} as usage_log_odds,
        {{ log_odds_added('feedback') }} + {{ log_odds_added('feedback_missing') }}
            as feedback_log_odds,
        {{ log_odds_added('support') }} + {{ log_odds_added('support_missing') }}
            as support_log_odds,
        {{ log_odds_added('commercial') }} + {{ log_odds_added('commercial_missing') }}
            as commercial_log_odds,
        {{ log_odds_added('relationship') }} + {{ log_odds_added('relationship_missing') }}
            as relationship_log_odds,
        {{ log_odds_added('notice') }} as notice_log_odds,
        {{ log_odds_added('contract') }} as contract_log_odds
    from features
    left join models_in_force
        on models_in_force.customer_kind = features.customer_kind
        and models_in_force.score_date = features.score_date
    left join models
        on models.customer_kind = models_in_force.customer_kind
        and models.trained_through_date = models_in_force.trained_through_date
),

-- No contributions without a model.
contributions as (
    select
        customer_key,
        score_date,
        customer_kind,
        trained_through_date,
        observation_count,
        customer_count,
        lost_customer_count,
        model_version,
        not_fitted_reason,
        intercept
        {%- for part in churn_parts() %},
        case when intercept is not null then round({{ part }}_log_odds, 9) end
            as {{ part }}_contribution
        {%- endfor %}
    from log_odds
),

final as (
    select
        *,
        round(1 / (1 + exp(-(
            intercept
            + usage_contribution
            + feedback_contribution
            + support_contribution
            + commercial_contribution
            + relationship_contribution
            + notice_contribution
            + contract_contribution
        ))), 9) as model_risk_rate
    from contributions
)

select * from final
