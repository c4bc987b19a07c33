-- Grain: one row per customer active on the as-of date: their risk, and what would go with them
with

group_rates as (select * from {{ ref('int_risk__loss_rates_by_group') }}),

predictions as (select * from {{ ref('fct_churn_risk') }} where is_as_of_date),

returns as (select * from {{ ref('fct_customer_roi') }}),

-- The model's risk only where its back-test finds it better than chance for that kind of customer,
-- and not under notice: those the back-test leaves out, and the loss rate of the group speaks.
risks as (
    select
        group_rates.*,
        coalesce(
            predictions.is_better_than_chance
            and predictions.model_risk_rate is not null
            and group_rates.risk_group <> 'notice',
            false
        ) as is_by_model,
        predictions.model_risk_rate,
        predictions.trained_customer_count
    from group_rates
    left join predictions
        on predictions.customer_key = group_rates.customer_key
),

contributions as (
    select
        risks.customer_key,
        risks.customer_kind,
        risks.risk_group,
        case when risks.is_by_model then 'model' else risks.group_basis end as risk_basis,
        case when risks.is_by_model then risks.model_risk_rate else risks.group_risk_rate end
            as risk_rate,
        case when risks.is_by_model then risks.trained_customer_count
            else risks.risk_customer_count end as rate_customer_count,
        risks.group_risk_rate,
        risks.risk_customer_count,
        risks.risk_observation_count,
        risks.risk_lost_count,
        -- Twelve months at the rate of the last twelve closed ones.
        cast(12 * {{ ratio(
            'returns.gross_margin_12m_amount - coalesce(returns.support_cost_12m_amount, 0)
                - coalesce(returns.programme_cost_12m_amount, 0)',
            'returns.active_month_12m_count'
        ) }} as decimal(18, 4)) as expected_contribution_12m_amount
    from risks
    inner join returns
        on returns.customer_key = risks.customer_key
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
    from contributions
)

select * from final
