-- Grain: one row per customer active on the as-of date and at risk of leaving
with

health as (select * from {{ ref('fct_customer_health') }}),

customers as (select * from {{ ref('dim_customers') }}),

values_at_stake as (select * from {{ ref('int_at_risk__value_at_stake') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

reasons as (select * from {{ ref('int_at_risk__reasons') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

handling_times as (
    select
        avg(tickets.handle_minutes) filter (
            where tickets.opened_date > run_parameters.as_of_date - interval 12 month
        ) as mean_handle_minutes
    from tickets
    cross join run_parameters
),

open_tickets as (
    select
        customer_key,
        count(*) as open_ticket_count
    from tickets
    where not is_solved
    group by customer_key
),

-- At risk by any of three signs: the health band, notice on a contract, or the lifecycle (see
-- dim_customers). Attention is one conversation, and the open tickets at the mean handling time.
listed as (
    select
        health.*,
        customers.lifecycle,
        health.noticed_mrr_amount > 0 as is_under_notice,
        coalesce(open_tickets.open_ticket_count, 0) as open_ticket_count,
        (settings.risk_outreach_minutes + case
            when open_tickets.open_ticket_count is null then 0
            else open_tickets.open_ticket_count * handling_times.mean_handle_minutes
        end) / 60 as outreach_hours
    from health
    cross join settings
    cross join handling_times
    inner join customers
        on customers.customer_key = health.customer_key
    left join open_tickets
        on open_tickets.customer_key = health.customer_key
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
        -- Where the risk is not known, as if all of the value were at stake. Customers who cost
        -- more than they bring in come last: there is nothing to lose.
        row_number() over (
            order by
                case when values_at_stake.stake_status = 'nothing_at_stake' then 1 else 0 end,
                coalesce(
                    values_at_stake.value_at_stake_amount,
                    values_at_stake.expected_contribution_12m_amount
                ) desc nulls last,
                returns.net_revenue_12m_amount desc nulls last,
                listed.customer_key
        ) as value_rank,
        case when values_at_stake.stake_status = 'at_stake' and listed.outreach_hours > 0 then
            row_number() over (
                order by
                    {{ ratio('values_at_stake.value_at_stake_amount', 'listed.outreach_hours') }}
                    desc nulls last,
                    listed.customer_key
            )
        end as capacity_rank,
        values_at_stake.expected_contribution_12m_amount,
        values_at_stake.risk_group,
        values_at_stake.risk_rate,
        values_at_stake.risk_basis,
        values_at_stake.group_risk_rate,
        values_at_stake.risk_customer_count,
        values_at_stake.risk_observation_count,
        values_at_stake.risk_lost_count,
        values_at_stake.value_at_stake_amount,
        values_at_stake.stake_status,
        returns.net_revenue_12m_amount,
        listed.open_ticket_count,
        listed.outreach_hours,
        {{ money(ratio('values_at_stake.value_at_stake_amount', 'listed.outreach_hours')) }}
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
        -- Notice goes before the main reason of the health score.
        case when listed.is_under_notice then reasons.contract_reason else listed.main_reason end
            as main_reason
    from listed
    inner join values_at_stake
        on values_at_stake.customer_key = listed.customer_key
    inner join returns
        on returns.customer_key = listed.customer_key
    inner join reasons
        on reasons.customer_key = listed.customer_key
)

select * from final
