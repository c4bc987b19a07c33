-- Grain: one row per kind of customer (and all): churn risk and health score on the same customers
{%- set scores = ['churn_risk', 'health_score'] %}
with

observed as (
    select * from {{ ref('int_backtest__observed') }}
    where population = 'without_notice'
        and is_pooled
        and risk_order is not null
),

-- The risk begins with the first model, the health score before it: only who has both is compared.
paired as (
    select
        risks.customer_kind,
        risks.customer_key,
        risks.is_lost,
        case when risks.is_lost then 1 else 0 end as lost,
        case when risks.is_lost then 0 else 1 end as kept,
        risks.risk_order as churn_risk,
        healths.risk_order as health_score
    from observed as risks
    inner join observed as healths
        on {{ same('healths', 'risks', ['customer_kind', 'customer_key', 'observed_date']) }}
        and healths.score_kind = 'health_score'
    where risks.score_kind = 'churn_risk'
),

placed as (
    select
        customer_kind,
        customer_key,
        is_lost,
        sum(lost) over (partition by customer_kind) as lost_count,
        sum(kept) over (partition by customer_kind) as kept_count
        {%- for score in scores %},
        {{ placement('customer_kind', score) }} as {{ score }}
        {%- endfor %}
    from paired
),

measured as (
    select
        customer_kind,
        count(*) as observation_count,
        {{ exact_mean('churn_risk', 'is_lost') }} as churn_risk_auc,
        {{ exact_mean('health_score', 'is_lost') }} as health_score_auc
    from placed
    group by customer_kind
),

-- DeLong's variance of the difference of two AUCs of one sample, by customer as in the back-test.
influences as (
    select
        placed.customer_kind,
        placed.customer_key,
        {{ exact_sum('(
            placed.churn_risk - measured.churn_risk_auc
            - placed.health_score + measured.health_score_auc
        ) / ' ~ placement_spread('placed'), places=24) }} as influence
    from placed
    inner join measured
        on measured.customer_kind = placed.customer_kind
    group by placed.customer_kind, placed.customer_key
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
        measured.customer_kind,
        measured.observation_count,
        {{ settled('measured.health_score_auc') }} as health_score_auc,
        {{ settled('measured.churn_risk_auc - measured.health_score_auc') }} as auc_difference,
        {{ settled('errors.difference_standard_error') }} as difference_standard_error
    from measured
    inner join errors
        on errors.customer_kind = measured.customer_kind
)

select * from final
