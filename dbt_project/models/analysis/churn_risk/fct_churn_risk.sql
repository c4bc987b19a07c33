-- Grain: one row per customer and score date (as-of date and last 13 month ends) active on it
with

scores as (select * from {{ ref('int_churn_model__scores') }}),

outcomes as (select * from {{ ref('int_risk__outcomes') }}),

backtests as (
    select * from {{ ref('fct_health_backtest') }}
    where score_kind = 'churn_risk' and population = 'without_notice' and is_pooled
),

group_rates as (select * from {{ ref('int_risk__loss_rates_by_group') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Reasons in words, for the as-of date only.
parts as (
    {% for part in churn_parts() %}
    select
        customer_key,
        score_date,
        '{{ part }}' as part,
        {{ part }}_contribution as contribution
    from scores
    cross join run_parameters
    where {{ part }}_contribution > 0
        and score_date = as_of_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked_parts as (
    select
        *,
        concat(part, ': odds of leaving × ', cast(exp(contribution) as decimal(18, 2))) as reason,
        row_number() over (
            partition by customer_key, score_date
            order by contribution desc, part
        ) as contribution_rank
    from parts
),

reasons as (
    select
        customer_key,
        score_date,
        max(reason) filter (where contribution_rank = 1) as main_reason,
        max(reason) filter (where contribution_rank = 2) as second_reason,
        max(reason) filter (where contribution_rank = 3) as third_reason
    from ranked_parts
    group by 1, 2
),

final as (
    select
        scores.customer_key,
        scores.score_date,
        scores.score_date = run_parameters.as_of_date as is_as_of_date,
        scores.customer_kind,
        scores.model_risk_rate,
        scores.intercept as base_log_odds,
        {% for part in churn_parts() %}
        scores.{{ part }}_contribution,
        {% endfor %}
        reasons.main_reason,
        reasons.second_reason,
        reasons.third_reason,
        group_rates.group_risk_rate,
        backtests.auc,
        backtests.auc_low,
        backtests.auc_high,
        backtests.is_better_than_chance,
        case when backtests.auc is null
            then coalesce(backtests.not_evaluated_reason, 'no_completed_horizon')
        end as not_evaluated_reason,
        scores.trained_through_date,
        scores.observation_count as trained_observation_count,
        scores.customer_count as trained_customer_count,
        scores.lost_customer_count as trained_lost_customer_count,
        scores.model_version,
        case
            when scores.model_risk_rate is not null then null
            when scores.trained_through_date is null then 'no_completed_horizon'
            else scores.not_fitted_reason
        end as no_risk_reason,
        outcomes.is_lost
    from scores
    cross join run_parameters
    left join reasons
        on reasons.customer_key = scores.customer_key
        and reasons.score_date = scores.score_date
    left join outcomes
        on outcomes.customer_key = scores.customer_key
        and outcomes.score_date = scores.score_date
    left join backtests
        on backtests.customer_kind = scores.customer_kind
    left join group_rates
        on group_rates.customer_key = scores.customer_key
        and scores.score_date = run_parameters.as_of_date
)

select * from final
