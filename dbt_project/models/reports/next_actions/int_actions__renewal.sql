-- Grain: one row per customer with a paid contract that ends or renews soon, and no notice on it
{{ config(materialized='view') }}
with

renewing as (select * from {{ ref('int_contracts__upcoming_renewals') }}),

valued as (select * from {{ ref('int_at_risk__value_at_stake') }}),

health as (select * from {{ ref('fct_customer_health') }}),

settings as (
    select {{ setting('renewal_due_days', 'int') }} as renewal_due_days
    from {{ ref('analyst_settings') }}
),

due as (
    select
        renewing.customer_key,
        min_by(
            renewing.contract_id,
            concat(cast(renewing.next_renewal_date as varchar(10)), renewing.contract_id)
        ) as contract_id,
        min(renewing.next_renewal_date) as next_renewal_date,
        min(renewing.days_to_renewal) as days_to_renewal,
        count(*) as contract_count,
        sum(renewing.mrr_amount) as mrr_amount
    from renewing
    cross join settings
    where renewing.days_to_renewal <= settings.renewal_due_days
        and not renewing.has_successor
        and not renewing.is_under_notice
    group by renewing.customer_key
),

final as (
    select
        due.customer_key,
        'renewal_due' as trigger,
        concat(
            'contracts to renew: ', due.contract_count, ', the first in ', due.days_to_renewal,
            ' days; ', cast(round(due.mrr_amount) as bigint), ' a month'
        ) as reason,
        due.next_renewal_date as due_date,
        due.contract_id,
        -- Only what is up for renewal is at stake now.
        {{ money('valued.expected_contribution_12m_amount * '
            ~ ratio('due.mrr_amount', 'health.mrr_amount')) }} as base_amount,
        valued.risk_rate as rate,
        valued.rate_customer_count,
        'avertable_loss' as value_basis,
        'expected contribution of 12 months × share of the MRR up for renewal × risk of leaving'
            as value_formula
    from due
    inner join valued
        on valued.customer_key = due.customer_key
    inner join health
        on health.customer_key = due.customer_key
        and health.is_as_of_date
)

select * from final
