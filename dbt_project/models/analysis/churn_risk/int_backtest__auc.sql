-- Grain: one row per score, kind of customer and score date (or all), how well it told them apart
with

placed as (select * from {{ ref('int_backtest__placement_values') }}),

measured as (
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
        {{ exact_mean('power(predicted_rate - case when is_lost then 1 else 0 end, 2)') }}
            as brier_score,
        {{ ratio(
            deviation_product_sum('predicted_rate', 'case when is_lost then 1 else 0 end'),
            exact_variance('predicted_rate', places=15) ~ ' * (count(predicted_rate) - 1)'
        ) }} as calibration_slope
    from placed
    group by {{ backtest_keys() }}
),

-- DeLong's variance, its parts added up by customer first: one customer counts at several dates.
influences as (
    select
        {{ backtest_keys('placed') }},
        placed.customer_key,
        {{ exact_sum(
            '(placed.placement - measured.auc) / ' ~ placement_spread('placed'), places=24
        ) }}
            as influence
    from placed
    inner join measured
        on {{ same_backtest('placed', 'measured') }}
    group by {{ backtest_keys('placed') }}, placed.customer_key
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
        {{ backtest_keys('measured') }},
        measured.observation_count,
        measured.customer_count,
        measured.lost_count,
        measured.lost_customer_count,
        measured.kept_customer_count,
        measured.is_constant,
        {{ settled('measured.auc') }} as auc,
        {{ settled('errors.auc_standard_error') }} as auc_standard_error,
        {{ settled('measured.top_decile_lost_rate') }} as top_decile_lost_rate,
        {{ settled('measured.mean_predicted_rate') }} as mean_predicted_rate,
        {{ settled('measured.brier_score') }} as brier_score,
        {{ settled('measured.calibration_slope') }} as calibration_slope
    from measured
    inner join errors
        on {{ same_backtest('errors', 'measured') }}
)

select * from final
