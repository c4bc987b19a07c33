-- Grain: one row per subscription. A trial that went on is a contract from the day it was paid for.
with

read as (
    select
        *,
        lower(trim(status)) as state,
        regexp_extract(
            lower(trim(interval_text)), '^(every )?(\d+)?\s*(day|week|month|year)s?$', 3
        ) as unit,
        regexp_extract(
            lower(trim(interval_text)), '^(every )?(\d+)?\s*(day|week|month|year)s?$', 2
        ) as units,
        coalesce(
            ended_at, case when ends_with_period then period_ends_at end
        ) as last_moment
    from subscriptions
)

select
    row_number,
    id as contract_id,
    customer_id,
    customer_email,
    coalesce(product, plan) as product,
    case
        when state = 'trialing' or ended_at <= trial_ends_at then 'trial' else 'subscription'
    end as contract_kind,
    case
        when state = 'trialing' or ended_at <= trial_ends_at then started_at
        else greatest(started_at, coalesce(trial_ends_at, started_at))
    end as start_date,
    last_moment as end_date,
    cancelled_at,
    cancel_reason,
    case lower(trim(cancel_reason))
        when 'cancellation_requested' then true
        when 'payment_failed' then false
        when 'payment_disputed' then false
    end as is_voluntary,
    coalesce(nullif(unit, ''), interval_text) as billing_period,
    try_cast(nullif(units, '') as integer) as billing_period_count,
    case when coalesce(quantity, 1) = 1 then amount end as recurring_amount,
    currency
from read
