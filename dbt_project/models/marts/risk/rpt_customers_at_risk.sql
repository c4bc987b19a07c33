-- Grain: one row per customer active on the as-of date and at risk of leaving
with

health as (select * from {{ ref('fct_customer_health') }}),

customers as (select * from {{ ref('dim_customers') }}),

valued as (select * from {{ ref('int_risk__valued') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

reasons as (select * from {{ ref('int_risk__reasons') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (
    select {{ setting('risk_outreach_minutes', 'double') }} as outreach_minutes
    from {{ ref('analyst_settings') }}
),

workloads as (
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

listed as (
    select
        health.*,
        customers.lifecycle,
        health.health_band = 'at_risk' as is_unhealthy,
        health.noticed_mrr_amount > 0 as is_under_notice,
        coalesce(open_tickets.open_ticket_count, 0) as open_ticket_count,
        -- One conversation, and the customer's open tickets at the time tickets take.
        (settings.outreach_minutes + case
            when open_tickets.open_ticket_count is null then 0
            else open_tickets.open_ticket_count * workloads.mean_handle_minutes
        end) / 60 as attention_hours
    from health
    inner join customers
        on customers.customer_key = health.customer_key
    cross join settings
    cross join workloads
    left join open_tickets
        on open_tickets.customer_key = health.customer_key
    where health.is_as_of_date
        and (
            health.health_band = 'at_risk'
            or health.noticed_mrr_amount > 0
            or customers.lifecycle = 'at_risk'
        )
),

final as (
    select
        listed.customer_key,
        listed.score_date as as_of_date,
        listed.customer_kind,
        -- Where the risk is not known, as if all of the value were at stake.
        row_number() over (
            order by
                coalesce(valued.value_at_stake_amount, valued.expected_contribution_12m_amount)
                desc nulls last,
                returns.net_revenue_12m_amount desc nulls last,
                listed.customer_key
        ) as value_rank,
        case when valued.value_at_stake_amount is not null and listed.attention_hours > 0 then
            row_number() over (
                order by
                    {{ ratio('valued.value_at_stake_amount', 'listed.attention_hours') }}
                    desc nulls last,
                    listed.customer_key
            )
        end as capacity_rank,
        valued.expected_contribution_12m_amount,
        valued.risk_group,
        valued.risk_rate,
        valued.risk_basis,
        valued.risk_customer_count,
        valued.risk_observation_count,
        valued.risk_lost_count,
        valued.value_at_stake_amount,
        returns.net_revenue_12m_amount,
        listed.open_ticket_count,
        listed.attention_hours,
        {{ money(ratio('valued.value_at_stake_amount', 'listed.attention_hours')) }}
            as value_at_stake_per_hour_amount,
        listed.health_score,
        listed.health_band,
        listed.is_under_notice,
        listed.lifecycle,
        reasons.renewal_date,
        reasons.contract_reason,
        reasons.usage_reason,
        reasons.purchase_reason,
        reasons.feedback_reason,
        reasons.support_reason,
        listed.main_reason
    from listed
    inner join valued
        on valued.customer_key = listed.customer_key
    inner join returns
        on returns.customer_key = listed.customer_key
    inner join reasons
        on reasons.customer_key = listed.customer_key
)

select * from final
