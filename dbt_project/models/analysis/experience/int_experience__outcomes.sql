-- Grain: one row per compared signal and horizon, what followed it
with

signals as (select * from {{ ref('int_experience__index_events') }}),

spending as (select * from {{ ref('int_experience__revenue_and_cost') }}),

customers as (select * from {{ ref('dim_customers') }}),

spells as (select * from {{ ref('int_customers__active_periods') }}),

records as (select * from {{ ref('int_data_coverage') }}),

-- Who is new has no days before to compare with.
compared as (
    select
        signals.*,
        coalesce(customers.customer_kind, 'unknown') as customer_kind,
        greatest(coalesce({{
            days_between('customers.first_seen_date', 'signals.signal_date')
        }}, 0), 0) as days_on_record
    from signals
    left join customers
        on customers.customer_key = signals.customer_key
    where signals.place = 'compared'
),

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
        compared.customer_kind,
        at_signal.customer_key is not null as is_active,
        at_signal.customer_key is not null and at_outcome.customer_key is null as is_churned
        {%- for period, horizons in [('', 0), ('_before', 1), ('_base', 1.5), ('_earlier', 2.5)] %},
        case when recorded.has_revenue
            and compared.days_on_record >= {{ horizons }} * compared.horizon_days
            then coalesce(spending.net_revenue{{ period }}_amount, 0)
        end as net_revenue{{ period }}_amount,
        case when recorded.has_support_cost
            and compared.days_on_record >= {{ horizons }} * compared.horizon_days
            and coalesce(spending.unknown_cost{{ period }}_count, 0) = 0
            then coalesce(spending.support_cost{{ period }}_amount, 0)
        end as support_cost{{ period }}_amount
        {%- endfor %},
        case when recorded.has_referrals
            then cast(coalesce(referred.referral_count, 0) as decimal(18, 4))
        end as referral_count
    from compared
    cross join recorded
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
    left join referred
        on {{ same('referred', 'compared', ['signal', 'signal_id', 'horizon_days']) }}
)

select * from final
