-- Grain: one row per score, population, kind of customer (and all) and score date (and all pooled)
with

observed as (select * from {{ ref('int_backtest__observed') }}),

aucs as (select * from {{ ref('int_backtest__auc') }}),

auc_differences as (
    select
        *,
        {{ interval_reach() }} * difference_standard_error as half_width
    from {{ ref('int_backtest__auc_difference') }}
),

settings as (select * from {{ ref('int_settings') }}),

score_counts as (
    select
        {{ backtest_keys() }},
        min(observed_date) filter (where risk_order is not null) as first_score_date,
        count(*) filter (where risk_order is null) as unscored_count
    from observed
    group by {{ backtest_keys() }}
),

backtests as (
    select
        {{ backtest_keys('score_counts') }},
        score_counts.first_score_date,
        score_counts.unscored_count,
        coalesce(aucs.observation_count, 0) as observation_count,
        coalesce(aucs.customer_count, 0) as customer_count,
        coalesce(aucs.lost_count, 0) as lost_count,
        coalesce(aucs.lost_customer_count, 0) as lost_customer_count,
        {{ ratio('aucs.lost_count', 'aucs.observation_count') }} as lost_rate,
        aucs.auc,
        aucs.auc_standard_error,
        aucs.top_decile_lost_rate,
        aucs.mean_predicted_rate,
        aucs.brier_score,
        aucs.calibration_slope,
        case
            when aucs.observation_count is null then 'not_scored'
            when aucs.lost_count = 0 then 'nobody_lost'
            when aucs.lost_count = aucs.observation_count then 'nobody_kept'
            when aucs.is_constant then 'constant_score'
            when aucs.lost_customer_count < settings.churn_minimum_lost_customers
                then 'too_few_lost'
            when aucs.kept_customer_count < settings.churn_minimum_lost_customers
                then 'too_few_kept'
        end as not_evaluated_reason
    from score_counts
    cross join settings
    left join aucs
        on {{ same_backtest('aucs', 'score_counts') }}
),

-- Figures only where there are enough customers on both sides to judge by.
estimates as (
    select
        {{ backtest_keys() }},
        auc,
        auc_standard_error,
        {{ interval_reach() }} * auc_standard_error as auc_half_width,
        top_decile_lost_rate,
        mean_predicted_rate,
        brier_score,
        calibration_slope
    from backtests
    where not_evaluated_reason is null
),

final as (
    select
        {{ backtest_keys('backtests') }},
        backtests.first_score_date,
        backtests.observation_count,
        backtests.customer_count,
        backtests.unscored_count,
        backtests.lost_count as lost_observation_count,
        backtests.lost_customer_count,
        backtests.lost_rate,
        estimates.auc,
        estimates.auc_standard_error,
        -- The engines leave NULLs out of greatest and least.
        case when estimates.auc is not null
            then {{ settled('greatest(0, estimates.auc - estimates.auc_half_width)') }}
        end as auc_low,
        case when estimates.auc is not null
            then {{ settled('least(1, estimates.auc + estimates.auc_half_width)') }}
        end as auc_high,
        estimates.auc - estimates.auc_half_width > 0.5 as is_better_than_chance,
        estimates.top_decile_lost_rate,
        {{ settled(ratio('estimates.top_decile_lost_rate', 'backtests.lost_rate')) }}
            as top_decile_lift,
        estimates.mean_predicted_rate,
        estimates.brier_score,
        case when estimates.brier_score is not null
            then {{ settled('backtests.lost_rate * (1 - backtests.lost_rate)') }}
        end as base_brier_score,
        estimates.calibration_slope,
        {{ settled(
            'backtests.lost_rate - estimates.calibration_slope * estimates.mean_predicted_rate'
        ) }} as calibration_intercept,
        coalesce(auc_differences.observation_count, 0) as compared_count,
        case when estimates.auc is not null then auc_differences.health_score_auc end
            as health_score_auc,
        case when estimates.auc is not null then auc_differences.auc_difference end
            as auc_difference,
        case when estimates.auc is not null
            then {{ settled('auc_differences.auc_difference - auc_differences.half_width') }}
        end as auc_difference_low,
        case when estimates.auc is not null
            then {{ settled('auc_differences.auc_difference + auc_differences.half_width') }}
        end as auc_difference_high,
        backtests.not_evaluated_reason
    from backtests
    left join estimates
        on {{ same_backtest('estimates', 'backtests') }}
    left join auc_differences
        on auc_differences.customer_kind = backtests.customer_kind
        and backtests.score_kind = 'churn_risk'
        and backtests.population = 'without_notice'
        and backtests.is_pooled
)

select * from final
