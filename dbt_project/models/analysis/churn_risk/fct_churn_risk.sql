-- Grain: one row per customer and score date (as-of date and last 13 month ends) active on it
{%- set places = ['main', 'second', 'third'] %}
with

scored as (select * from {{ ref('int_churn_model__scores') }}),

outcomes as (select * from {{ ref('int_risk__outcomes') }}),

backtests as (
    select * from {{ ref('fct_health_backtest') }}
    where score_kind = 'churn_risk' and population = 'without_notice' and is_pooled
),

grouped as (select * from {{ ref('int_risk__loss_rates_by_group') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- In words for the as-of date only: a part is a row, and past dates have their columns.
parts as (
    {% for part in churn_parts() %}
    select
        customer_key,
        score_date,
        '{{ part }}' as part,
        {{ part }}_contribution as contribution
    from scored
    cross join run_parameters
    where {{ part }}_contribution > 0
        and score_date = as_of_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

ordered as (
    select
        *,
        row_number() over (
            partition by customer_key, score_date
            order by contribution desc, part
        ) as place
    from parts
),

reasons as (
    select
        customer_key,
        score_date
        {%- for place in places %},
        max(concat(part, ': odds of leaving × ', cast(exp(contribution) as decimal(18, 2))))
            filter (where place = {{ loop.index }}) as {{ place }}_reason
        {%- endfor %}
    from ordered
    group by 1, 2
),

final as (
    select
        scored.customer_key,
        scored.score_date,
        scored.score_date = run_parameters.as_of_date as is_as_of_date,
        scored.customer_kind,
        scored.model_risk_rate,
        scored.intercept as base_log_odds,
        {% for part in churn_parts() %}
        scored.{{ part }}_contribution,
        {% endfor %}
        {%- for place in places %}
        reasons.{{ place }}_reason,
        {% endfor %}
        grouped.group_risk_rate,
        backtests.auc,
        backtests.auc_low,
        backtests.auc_high,
        backtests.is_better_than_chance,
        case when backtests.auc is null
            then coalesce(backtests.not_evaluated_reason, 'no_completed_horizon')
        end as not_evaluated_reason,
        scored.trained_through_date,
        scored.observation_count as trained_observation_count,
        scored.customer_count as trained_customer_count,
        scored.lost_customer_count as trained_lost_customer_count,
        scored.model_version,
        case
            when scored.model_risk_rate is not null then null
            when scored.trained_through_date is null then 'no_completed_horizon'
            else scored.not_fitted_reason
        end as no_risk_reason,
        outcomes.is_lost
    from scored
    cross join run_parameters
    left join reasons
        on reasons.customer_key = scored.customer_key
        and reasons.score_date = scored.score_date
    left join outcomes
        on outcomes.customer_key = scored.customer_key
        and outcomes.score_date = scored.score_date
    left join backtests
        on backtests.customer_kind = scored.customer_kind
    left join grouped
        on grouped.customer_key = scored.customer_key
        and scored.score_date = run_parameters.as_of_date
)

select * from final
