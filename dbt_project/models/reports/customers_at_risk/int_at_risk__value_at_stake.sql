-- Grain: one row per customer active on the as-of date: their risk, and what would go with them
with

grouped as (select * from {{ ref('int_risk__loss_rates_by_group') }}),

predictions as (select * from {{ ref('fct_churn_risk') }} where is_as_of_date),

returns as (select * from {{ ref('fct_customer_roi') }}),

-- The model's risk only where its own back-test finds it better than chance for that kind, and
-- not for who gave notice: of them the back-test says nothing, and what became of the like does.
rated as (
    select
        grouped.*,
        coalesce(
            predictions.is_better_than_chance
            and predictions.model_risk_rate is not null
            and grouped.risk_group <> 'notice',
            false
        ) as is_by_model,
        predictions.model_risk_rate,
        predictions.trained_customer_count
    from grouped
    left join predictions
        on predictions.customer_key = grouped.customer_key
),

valued as (
    select
        rated.customer_key,
        rated.customer_kind,
        rated.risk_group,
        case when rated.is_by_model then 'model' else rated.group_basis end as risk_basis,
        case when rated.is_by_model then rated.model_risk_rate else rated.group_risk_rate end
            as risk_rate,
        case when rated.is_by_model then rated.trained_customer_count
            else rated.risk_customer_count end as rate_customer_count,
        rated.group_risk_rate,
        rated.risk_customer_count,
        rated.risk_observation_count,
        rated.risk_lost_count,
        -- Twelve months at the rate of the last twelve closed ones.
        {{ money('12 * ' ~ ratio('returns.gross_margin_12m_amount'
            ~ ' - coalesce(returns.support_cost_12m_amount, 0)'
            ~ ' - coalesce(returns.programme_cost_12m_amount, 0)',
            'returns.active_month_12m_count')) }} as expected_contribution_12m_amount
    from rated
    inner join returns
        on returns.customer_key = rated.customer_key
),

final as (
    select
        *,
        {{ money('expected_contribution_12m_amount * risk_rate') }} as value_at_stake_amount,
        case
            when expected_contribution_12m_amount <= 0 or risk_rate <= 0 then 'nothing_at_stake'
            when expected_contribution_12m_amount * risk_rate > 0 then 'at_stake'
            else 'not_known'
        end as stake_status
    from valued
)

select * from final
