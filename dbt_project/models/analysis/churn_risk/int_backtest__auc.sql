-- Grain: one row per back-test: AUC with its standard error, lift and calibration
{{ config(materialized='view') }}
with

placement_values as (
    select
        *,
        case when is_lost then 1 else 0 end as lost,
        {{ placement_divisor() }} as divisor
    from {{ ref('int_backtest__placement_values') }}
),

measures as (
    select
        {{ backtest_keys() }},
        count(*) as observation_count,
        count(distinct customer_key) as customer_count,
        count(*) filter (where is_lost) as lost_count,
        count(distinct customer_key) filter (where is_lost) as lost_customer_count,
        count(distinct customer_key) filter (where not is_lost) as kept_customer_count,
        min(risk_order) = max(risk_order) as is_constant,
        {{ exact_mean('placement', 'is_lost') }} as auc,
        {{ ratio(exact_sum('top_decile_weight', 'is_lost'), exact_sum('top_decile_weight')) }}
            as top_decile_lost_rate,
        {{ exact_mean('predicted_rate') }} as mean_predicted_rate,
        {{ exact_mean('power(predicted_rate - lost, 2)') }} as brier_score,
        {{ deviation_product_sum('predicted_rate', 'lost') }} as predicted_lost_deviation,
        {{ exact_variance('predicted_rate', places=15) }} * (count(predicted_rate) - 1)
            as predicted_deviation
    from placement_values
    group by {{ backtest_keys() }}
),

-- DeLong's variance, its terms summed by customer first: a customer has several dates.
influences as (
    select
        {{ backtest_keys('placement_values') }},
        placement_values.customer_key,
        {{ exact_sum(
            '(placement_values.placement - measures.auc) / placement_values.divisor', places=24
        ) }} as influence
    from placement_values
    inner join measures
        on {{ same_backtest('placement_values', 'measures') }}
    group by {{ backtest_keys('placement_values') }}, placement_values.customer_key
),

errors as (
    select
        {{ backtest_keys() }},
        sqrt({{ exact_sum('influence * influence', places=24) }}) as auc_standard_error
    from influences
    group by {{ backtest_keys() }}
),

final as (
    select
        {{ backtest_keys('measures') }},
        measures.observation_count,
        measures.customer_count,
        measures.lost_count,
        measures.lost_customer_count,
        measures.kept_customer_count,
        measures.is_constant,
        {{ settled('measures.auc') }} as auc,
        {{ settled('errors.auc_standard_error') }} as auc_standard_error,
        {{ settled('measures.top_decile_lost_rate') }} as top_decile_lost_rate,
        {{ settled('measures.mean_predicted_rate') }} as mean_predicted_rate,
        {{ settled('measures.brier_score') }} as brier_score,
        {{ settled(ratio('measures.predicted_lost_deviation', 'measures.predicted_deviation')) }}
            as calibration_slope
    from measures
    inner join errors
        on {{ same_backtest('errors', 'measures') }}
)

select * from final
