-- Grain: one row per score, population, kind of customer (and all) and score date (and all pooled)
with

observed as (select * from {{ ref('int_backtest__observed') }}),

measured as (select * from {{ ref('int_backtest__auc') }}),

compared as (select * from {{ ref('int_backtest__auc_difference') }}),

settings as (
    select {{ setting('churn_minimum_lost_customers', 'int') }} as minimum_lost_customers
    from {{ ref('analyst_settings') }}
),

counted as (
    select
        {{ backtest_keys() }},
        min(observed_date) filter (where risk_order is not null) as first_score_date,
        count(*) filter (where risk_order is null) as unscored_count
    from observed
    group by {{ backtest_keys() }}
),

judged as (
    select
        {{ backtest_keys('counted') }},
        counted.first_score_date,
        counted.unscored_count,
        coalesce(measured.observation_count, 0) as observation_count,
        coalesce(measured.customer_count, 0) as customer_count,
        coalesce(measured.lost_count, 0) as lost_count,
        coalesce(measured.lost_customer_count, 0) as lost_customer_count,
        {{ ratio('measured.lost_count', 'measured.observation_count') }} as lost_rate,
        measured.auc,
        measured.auc_standard_error,
        measured.top_decile_lost_rate,
        measured.mean_predicted_rate,
        measured.brier_score,
        measured.calibration_slope,
        case
            when measured.observation_count is null then 'not_scored'
            when measured.lost_count = 0 then 'nobody_lost'
            when measured.lost_count = measured.observation_count then 'nobody_kept'
            when measured.is_constant then 'constant_score'
            when measured.lost_customer_count < settings.minimum_lost_customers then 'too_few_lost'
            when measured.kept_customer_count < settings.minimum_lost_customers then 'too_few_kept'
        end as not_evaluated_reason
    from counted
    cross join settings
    left join measured
        on {{ same_backtest('measured', 'counted') }}
),

known as (
    select
        {{ backtest_keys() }},
        not_evaluated_reason
        {%- for figure in ['auc', 'auc_standard_error', 'top_decile_lost_rate',
            'mean_predicted_rate', 'brier_score', 'calibration_slope'] %},
        case when not_evaluated_reason is null then {{ figure }} end as {{ figure }}
        {%- endfor %}
    from judged
),

final as (
    select
        {{ backtest_keys('judged') }},
        judged.first_score_date,
        judged.observation_count,
        judged.customer_count,
        judged.unscored_count,
        judged.lost_count as lost_observation_count,
        judged.lost_customer_count,
        judged.lost_rate,
        known.auc,
        known.auc_standard_error,
        -- The engines leave NULLs out of greatest and least.
        case when known.auc is not null then {{ settled('greatest(0, known.auc - '
            ~ interval_reach() ~ ' * known.auc_standard_error)') }} end as auc_low,
        case when known.auc is not null then {{ settled('least(1, known.auc + '
            ~ interval_reach() ~ ' * known.auc_standard_error)') }} end as auc_high,
        known.auc - {{ interval_reach() }} * known.auc_standard_error > 0.5
            as is_better_than_chance,
        known.top_decile_lost_rate,
        {{ settled(ratio('known.top_decile_lost_rate', 'judged.lost_rate')) }}
            as top_decile_lift,
        known.mean_predicted_rate,
        known.brier_score,
        {{ settled('case when known.brier_score is not null'
            ~ ' then judged.lost_rate * (1 - judged.lost_rate) end') }} as base_brier_score,
        known.calibration_slope,
        {{ settled('judged.lost_rate - known.calibration_slope * known.mean_predicted_rate') }}
            as calibration_intercept,
        coalesce(compared.observation_count, 0) as compared_count,
        {%- for figure, bound in [
            ('health_score_auc', ''), ('auc_difference', ''), ('auc_difference_low', -1),
            ('auc_difference_high', 1),
        ] %}
        case when known.auc is not null then
            {%- if bound == '' %} compared.{{ figure }}
            {%- else %} {{ settled('compared.auc_difference + ' ~ bound ~ ' * '
                ~ interval_reach() ~ ' * compared.difference_standard_error') }}
            {%- endif %}
        end as {{ figure }},
        {%- endfor %}
        judged.not_evaluated_reason
    from judged
    inner join known
        on {{ same_backtest('known', 'judged') }}
    left join compared
        on compared.customer_kind = judged.customer_kind
        and judged.score_kind = 'churn_risk'
        and judged.population = 'without_notice'
        and judged.is_pooled
)

select * from final
