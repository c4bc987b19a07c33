-- Grain: one row per signal and horizon, and whether it is compared
with

signals as (select * from {{ ref('int_experience__events') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

horizons as (
    {% for horizon in var('experience_horizon_days') %}
    select {{ horizon }} as horizon_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

placed as (
    select
        signals.*,
        horizons.horizon_days,
        signals.signal_date + horizons.horizon_days as outcome_date,
        case
            when signals.signal_date + horizons.horizon_days + 182 <= run_parameters.as_of_date
                then 'earlier'
            else 'later'
        end as signal_half,
        case
            when signals.customer_key = 'unknown' then 'unknown_customer'
            when signals.signal_date + horizons.horizon_days > run_parameters.as_of_date
                then 'too_recent'
            when signals.signal_date + horizons.horizon_days + 365 <= run_parameters.as_of_date
                then 'too_old'
            else 'in_window'
        end as place
    from signals
    cross join horizons
    cross join run_parameters
),

-- One signal a customer, the first of the year: signals of one customer share what follows them,
-- and a choice by what came later (the last signal, the worst) would choose the leavers.
ranked as (
    select
        *,
        row_number() over (
            partition by signal, horizon_days, customer_key, place
            order by signal_date, signal_id
        ) as signal_rank
    from placed
),

final as (
    select
        signal,
        bucket,
        signal_id,
        ticket_id,
        customer_key,
        channel,
        signal_date,
        signal_half,
        horizon_days,
        outcome_date,
        case
            when place = 'in_window' and signal_rank = 1 then 'compared'
            when place = 'in_window' then 'repeated'
            else place
        end as place
    from ranked
)

select * from final
