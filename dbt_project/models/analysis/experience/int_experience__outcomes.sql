-- Grain: one row per compared signal and horizon, what followed it
with

signals as (select * from {{ ref('int_experience__index_events') }}),

spending as (select * from {{ ref('int_experience__revenue_and_cost') }}),

customers as (select * from {{ ref('dim_customers') }}),

spells as (select * from {{ ref('int_customers__active_periods') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

records as (select * from {{ ref('int_data_coverage') }}),

compared as (select * from signals where place = 'compared'),

-- What a company does not record is NULL, not 0.
recorded as (
    select
        has_revenue,
        has_support_cost,
        (select count(referred_by_customer_key) from customers) > 0 as has_referrals
    from records
),

first_days as (
    select customer_key, min(from_date) as first_active_date
    from spells
    group by 1
),

served as (
    select
        compared.signal,
        compared.signal_id,
        compared.horizon_days,
        {{ money('sum(tickets.support_cost_amount)') }} as support_cost_amount,
        count(*) - count(tickets.support_cost_amount) as unknown_cost_count
    from compared
    inner join tickets
        on tickets.customer_key = compared.customer_key
        and tickets.opened_date > compared.signal_date
        and tickets.opened_date <= compared.outcome_date
    group by 1, 2, 3
),

referred as (
    select
        compared.signal,
        compared.signal_id,
        compared.horizon_days,
        count(*) as referral_count
    from compared
    inner join customers
        on customers.referred_by_customer_key = compared.customer_key
        and customers.signup_date > compared.signal_date
        and customers.signup_date <= compared.outcome_date
    group by 1, 2, 3
),

final as (
    select
        compared.signal,
        compared.bucket,
        compared.horizon_days,
        compared.signal_id,
        compared.customer_key,
        compared.channel,
        compared.signal_half,
        {{ tenure_band('first_days.first_active_date', 'compared.signal_date') }} as tenure_band,
        coalesce(customers.customer_kind, 'unknown') as customer_kind,
        at_signal.customer_key is not null as is_active,
        at_signal.customer_key is not null and at_outcome.customer_key is null as is_churned,
        case when recorded.has_revenue then coalesce(spending.net_revenue_amount, 0) end
            as net_revenue_amount,
        -- Who is new has no days before to compare with.
        case when recorded.has_revenue
            and customers.first_seen_date <= compared.signal_date - compared.horizon_days
            then coalesce(spending.net_revenue_before_amount, 0)
        end as net_revenue_before_amount,
        case when recorded.has_support_cost and coalesce(served.unknown_cost_count, 0) = 0
            then coalesce(served.support_cost_amount, 0)
        end as support_cost_amount,
        case when recorded.has_referrals
            then cast(coalesce(referred.referral_count, 0) as decimal(18, 4))
        end as referral_count
    from compared
    cross join recorded
    left join customers
        on customers.customer_key = compared.customer_key
    left join first_days
        on first_days.customer_key = compared.customer_key
    left join spells as at_signal
        on at_signal.customer_key = compared.customer_key
        and at_signal.from_date <= compared.signal_date
        and at_signal.to_date > compared.signal_date
    left join spells as at_outcome
        on at_outcome.customer_key = compared.customer_key
        and at_outcome.from_date <= compared.outcome_date
        and at_outcome.to_date > compared.outcome_date
    left join spending
        on {{ same('spending', 'compared', ['signal', 'signal_id', 'horizon_days']) }}
    left join served
        on {{ same('served', 'compared', ['signal', 'signal_id', 'horizon_days']) }}
    left join referred
        on {{ same('referred', 'compared', ['signal', 'signal_id', 'horizon_days']) }}
)

select * from final
