-- Grain: one row per scored customer and month end whose horizon is over: were they lost?
with

draws as (select * from {{ ref('int_customers__sampling_key') }}),

subjects as (select * from {{ ref('int_health__scored_customers') }}),

customer_months as (select * from {{ ref('int_customer_months__activity') }}),

settings as (
    select {{ setting('risk_horizon_months', 'int') }} as horizon_months
    from {{ ref('analyst_settings') }}
),

-- Who no longer counts as active by a new rule has left no more than who stays.
ruled as (
    select
        *,
        sum(case when is_reclassified and not is_active_at_start then 1 else 0 end) over (
            partition by customer_key
            order by month_date
            rows between unbounded preceding and current row
        ) as ruled_out_count
    from customer_months
),

-- Only month ends whose horizon is over: nobody who may still leave counts as kept. Both ends are
-- told by what was known then, so a model of the past knows nothing of today.
final as (
    select
        subjects.customer_key,
        subjects.score_date,
        subjects.customer_kind,
        later.end_date as outcome_date,
        subjects.is_active,
        not later.is_active_at_end as is_lost,
        subjects.is_ranked and subjects.is_active as is_trained_on,
        -- A draw of customers; those who come later do not move the draw of an earlier day.
        row_number() over (
            partition by subjects.customer_kind, subjects.score_date, subjects.is_ranked
            order by draws.draw_key, subjects.customer_key
        ) as draw_number
    from subjects
    cross join settings
    left join draws
        on draws.customer_key = subjects.customer_key
    inner join ruled as before
        on before.customer_key = subjects.customer_key
        and before.month_date = subjects.month_date
    inner join ruled as later
        on later.customer_key = subjects.customer_key
        and {{ month_boundaries('subjects.month_date', 'later.month_date') }}
            = settings.horizon_months
        and (later.is_active_at_end or later.ruled_out_count = before.ruled_out_count)
    where later.is_closed_month
        and subjects.score_date = last_day(subjects.score_date)
)

select * from final
