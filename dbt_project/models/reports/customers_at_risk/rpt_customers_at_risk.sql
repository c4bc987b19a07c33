-- Grain: one row per customer active on the as-of date and at risk of leaving
with

health as (select * from {{ ref('fct_customer_health') }}),

customers as (select * from {{ ref('dim_customers') }}),

valued as (select * from {{ ref('int_at_risk__value_at_stake') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

reasons as (select * from {{ ref('int_at_risk__reasons') }}),

attention as (select * from {{ ref('int_at_risk__outreach_hours') }}),

listed as (
    select
        health.*,
        customers.lifecycle,
        health.noticed_mrr_amount > 0 as is_under_notice,
        attention.open_ticket_count,
        attention.outreach_hours
    from health
    inner join customers
        on customers.customer_key = health.customer_key
    inner join attention
        on attention.customer_key = health.customer_key
    where health.is_as_of_date
        and (
            health.health_band = 'unhealthy'
            or health.noticed_mrr_amount > 0
            or customers.lifecycle = 'lapsing'
        )
),

final as (
    select
        listed.customer_key,
        listed.score_date as as_of_date,
        listed.customer_kind,
        -- Where the risk is not known, as if all of the value were at stake. Who costs more than
        -- they bring in comes last: there is nothing to lose.
        row_number() over (
            order by
                case when valued.stake_status = 'nothing_at_stake' then 1 else 0 end,
                coalesce(valued.value_at_stake_amount, valued.expected_contribution_12m_amount)
                desc nulls last,
                returns.net_revenue_12m_amount desc nulls last,
                listed.customer_key
        ) as value_rank,
        case when valued.stake_status = 'at_stake' and listed.outreach_hours > 0 then
            row_number() over (
                order by
                    {{ ratio('valued.value_at_stake_amount', 'listed.outreach_hours') }}
                    desc nulls last,
                    listed.customer_key
            )
        end as capacity_rank,
        valued.expected_contribution_12m_amount,
        valued.risk_group,
        valued.risk_rate,
        valued.risk_basis,
        valued.group_risk_rate,
        valued.risk_customer_count,
        valued.risk_observation_count,
        valued.risk_lost_count,
        valued.value_at_stake_amount,
        valued.stake_status,
        returns.net_revenue_12m_amount,
        listed.open_ticket_count,
        listed.outreach_hours,
        {{ money(ratio('valued.value_at_stake_amount', 'listed.outreach_hours')) }}
            as value_at_stake_per_hour_amount,
        listed.health_score,
        listed.health_band,
        listed.is_under_notice,
        listed.lifecycle,
        reasons.next_renewal_date,
        reasons.contract_reason,
        reasons.usage_reason,
        reasons.purchase_reason,
        reasons.feedback_reason,
        reasons.support_reason,
        -- Who has said so leaves for that, however little the product was used.
        case when listed.is_under_notice then reasons.contract_reason else listed.main_reason end
            as main_reason
    from listed
    inner join valued
        on valued.customer_key = listed.customer_key
    inner join returns
        on returns.customer_key = listed.customer_key
    inner join reasons
        on reasons.customer_key = listed.customer_key
)

select * from final
