-- Grain: one row per scored customer and month end whose horizon is over: were they lost?
with

sampling_keys as (select * from {{ ref('int_customers__sampling_key') }}),

scored_customers as (select * from {{ ref('int_health__scored_customers') }}),

customer_months as (select * from {{ ref('int_customer_months__activity') }}),

settings as (select * from {{ ref('int_settings') }}),

-- A customer who is no longer active by a new rule alone has not left.
reclassifications as (
    select
        *,
        sum(case when is_reclassified and not is_active_at_start then 1 else 0 end) over (
            partition by customer_key
            order by month_date
            rows between unbounded preceding and current row
        ) as reclassified_count
    from customer_months
),

-- Only month ends whose horizon is over: nobody who may still leave counts as kept. Activity is as
-- it was known on either date, so a model of the past uses nothing of today.
final as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        scored_customers.customer_kind,
        outcome_month.end_date as outcome_date,
        scored_customers.is_active,
        not outcome_month.is_active_at_end as is_lost,
        scored_customers.is_ranked and scored_customers.is_active as is_trained_on,
        -- A draw of customers; later customers do not change the draw of an earlier day.
        row_number() over (
            partition by
                scored_customers.customer_kind,
                scored_customers.score_date,
                scored_customers.is_ranked
            order by sampling_keys.draw_key, scored_customers.customer_key
        ) as draw_number
    from scored_customers
    cross join settings
    left join sampling_keys
        on sampling_keys.customer_key = scored_customers.customer_key
    inner join reclassifications as scored_month
        on scored_month.customer_key = scored_customers.customer_key
        and scored_month.month_date = scored_customers.month_date
    inner join reclassifications as outcome_month
        on outcome_month.customer_key = scored_customers.customer_key
        and {{ month_boundaries('scored_customers.month_date', 'outcome_month.month_date') }}
            = settings.risk_horizon_months
        and (
            outcome_month.is_active_at_end
            or outcome_month.reclassified_count = scored_month.reclassified_count
        )
    where outcome_month.is_closed_month
        and scored_customers.score_date = last_day(scored_customers.score_date)
)

select * from final
