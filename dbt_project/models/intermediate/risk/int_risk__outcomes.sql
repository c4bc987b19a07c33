-- Grain: one row per scored customer and month end whose horizon is over: were they lost?
with

subjects as (select * from {{ ref('int_health__subjects') }}),

customer_months as (select * from {{ ref('int_customer_months__states') }}),

windows as (select * from {{ ref('int_risk__windows') }}),

settings as (
    select {{ setting('risk_horizon_months', 'int') }} as horizon_months
    from {{ ref('analyst_settings') }}
),

-- Only month ends whose horizon is over: nobody who may still leave counts as kept.
followed as (
    select
        subjects.customer_key,
        subjects.score_date,
        subjects.customer_kind,
        subjects.is_active,
        subjects.is_ranked,
        later.end_date as outcome_date,
        later.is_active_at_end as is_kept,
        windows.inactivity_window_days,
        before.activity_rule,
        before.last_activity_date,
        case when before.is_active_at_end then 1 else 0 end as in_force_count,
        later.activity_rule as later_rule,
        later.last_activity_date as later_activity_date,
        case when later.is_active_at_end then 1 else 0 end as later_in_force_count
    from subjects
    cross join settings
    inner join customer_months as before
        on before.customer_key = subjects.customer_key
        and before.month_date = subjects.month_date
    inner join customer_months as later
        on later.customer_key = subjects.customer_key
        and {{ month_boundaries('subjects.month_date', 'later.month_date') }}
            = settings.horizon_months
    inner join windows
        on windows.known_date = later.end_date
        and windows.customer_kind = subjects.customer_kind
    where later.is_closed_month
        and subjects.score_date = last_day(subjects.score_date)
),

-- What the night of the outcome date would have said. The window that is in force today was
-- measured up to today, and a model of the past must not know it.
known as (
    select
        *,
        {{ is_active('activity_rule', 'in_force_count', 'last_activity_date', 'score_date') }}
            as was_active_as_known,
        {{ is_active('later_rule', 'later_in_force_count', 'later_activity_date',
            'outcome_date') }} as is_kept_as_known
    from followed
),

final as (
    select
        customer_key,
        score_date,
        customer_kind,
        outcome_date,
        is_active,
        not is_kept as is_lost,
        is_ranked and was_active_as_known as is_trained_on,
        not is_kept_as_known as is_lost_as_known,
        -- A draw of customers; those who come later do not move the draw of an earlier day.
        row_number() over (
            partition by customer_kind, score_date, is_ranked
            order by md5(customer_key), customer_key
        ) as draw_number
    from known
)

select * from final
