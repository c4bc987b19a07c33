-- Grain: one row per kind of customer (and all): AUC of churn risk less AUC of the health score
{{ config(materialized='view') }}
with

scores as (
    select
        *,
        count(*) over (partition by customer_kind, customer_key, observed_date) as score_count,
        case when is_lost then 1 else 0 end as lost,
        case when is_lost then 0 else 1 end as kept
    from {{ ref('int_backtest__observed') }}
    where population = 'without_notice'
        and is_pooled
        and risk_order is not null
),

-- The churn risk begins with the first model, the health score before it: only observations with
-- both are compared.
counted as (
    select
        score_kind,
        customer_kind,
        customer_key,
        observed_date,
        is_lost,
        sum(lost) over whole as lost_count,
        sum(kept) over whole as kept_count,
        sum(lost) over up_to_here as lost_up_to_count,
        sum(kept) over up_to_here as kept_up_to_count,
        sum(lost) over ties as lost_equal_count,
        sum(kept) over ties as kept_equal_count
    from scores
    where score_count = 2
    window
        whole as (partition by score_kind, customer_kind),
        ties as (partition by score_kind, customer_kind, risk_order),
        up_to_here as (
            partition by score_kind, customer_kind order by risk_order
            range between unbounded preceding and current row
        )
),

placement_values as (
    select
        *,
        {{ placement_value() }} as placement,
        {{ placement_divisor() }} as divisor
    from counted
),

paired as (
    select
        risks.customer_kind,
        risks.customer_key,
        risks.is_lost,
        risks.divisor,
        risks.placement as churn_risk_placement,
        healths.placement as health_score_placement
    from placement_values as risks
    inner join placement_values as healths
        on healths.customer_kind = risks.customer_kind
        and healths.customer_key = risks.customer_key
        and healths.observed_date = risks.observed_date
        and healths.score_kind = 'health_score'
    where risks.score_kind = 'churn_risk'
),

aucs as (
    select
        customer_kind,
        count(*) as observation_count,
        {{ exact_mean('churn_risk_placement', 'is_lost') }} as churn_risk_auc,
        {{ exact_mean('health_score_placement', 'is_lost') }} as health_score_auc
    from paired
    group by customer_kind
),

-- DeLong's variance of the difference of two AUCs of one sample, by customer as in the back-test.
influences as (
    select
        paired.customer_kind,
        paired.customer_key,
        {{ exact_sum('(
            paired.churn_risk_placement - aucs.churn_risk_auc
            - paired.health_score_placement + aucs.health_score_auc
        ) / paired.divisor', places=24) }} as influence
    from paired
    inner join aucs
        on aucs.customer_kind = paired.customer_kind
    group by paired.customer_kind, paired.customer_key
),

errors as (
    select
        customer_kind,
        sqrt({{ exact_sum('influence * influence', places=24) }}) as difference_standard_error
    from influences
    group by customer_kind
),

final as (
    select
        aucs.customer_kind,
        aucs.observation_count,
        {{ settled('aucs.health_score_auc') }} as health_score_auc,
        {{ settled('aucs.churn_risk_auc - aucs.health_score_auc') }} as auc_difference,
        {{ settled('errors.difference_standard_error') }} as difference_standard_error
    from aucs
    inner join errors
        on errors.customer_kind = aucs.customer_kind
)

select * from final
