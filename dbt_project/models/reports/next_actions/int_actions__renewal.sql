-- Grain: one row per customer with a paid contract that ends or renews soon, and no notice on it
{{ config(materialized='view') }}
with

upcoming_renewals as (select * from {{ ref('rpt_upcoming_renewals') }}),

values_at_stake as (select * from {{ ref('int_at_risk__value_at_stake') }}),

health as (select * from {{ ref('fct_customer_health') }}),

settings as (select * from {{ ref('int_settings') }}),

due_renewals as (
    select
        upcoming_renewals.customer_key,
        min_by(
            upcoming_renewals.contract_id,
            concat(
                cast(upcoming_renewals.next_renewal_date as varchar(10)),
                upcoming_renewals.contract_id
            )
        ) as contract_id,
        min(upcoming_renewals.next_renewal_date) as next_renewal_date,
        min(upcoming_renewals.days_to_renewal) as days_to_renewal,
        count(*) as contract_count,
        sum(upcoming_renewals.mrr_amount) as mrr_amount
    from upcoming_renewals
    cross join settings
    where upcoming_renewals.days_to_renewal <= settings.renewal_due_days
        and not upcoming_renewals.is_under_notice
    group by upcoming_renewals.customer_key
),

final as (
    select
        due_renewals.customer_key,
        'renewal_due' as trigger,
        concat(
            'contracts to renew: ', due_renewals.contract_count, ', the first in ',
            due_renewals.days_to_renewal, ' days; ',
            cast(round(due_renewals.mrr_amount) as bigint), ' a month'
        ) as reason,
        due_renewals.next_renewal_date as due_date,
        due_renewals.contract_id,
        -- Only what is up for renewal is at stake now.
        cast(
            values_at_stake.expected_contribution_12m_amount
            * {{ ratio('due_renewals.mrr_amount', 'health.mrr_amount') }} as decimal(18, 4)
        ) as base_amount,
        values_at_stake.risk_rate as rate,
        values_at_stake.rate_customer_count,
        'avertable_loss' as value_basis,
        'expected contribution of 12 months × share of the MRR up for renewal × risk of leaving'
            as value_formula
    from due_renewals
    inner join values_at_stake
        on values_at_stake.customer_key = due_renewals.customer_key
    inner join health
        on health.customer_key = due_renewals.customer_key
        and health.is_as_of_date
)

select * from final
