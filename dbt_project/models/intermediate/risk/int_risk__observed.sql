-- Grain: one row per kind of customer and risk group seen at a past month end; kind '*' is all
with

groups as (select * from {{ ref('int_risk__groups') }}),

customer_months as (select * from {{ ref('fct_customer_months') }}),

settings as (
    select {{ setting('risk_horizon_months', 'int') }} as horizon_months
    from {{ ref('analyst_settings') }}
),

-- Only month ends whose horizon is over: nobody who may still leave counts as kept.
followed as (
    select
        groups.customer_key,
        groups.customer_kind,
        groups.risk_group,
        not customer_months.is_active_at_end as is_lost
    from groups
    cross join settings
    inner join customer_months
        on customer_months.customer_key = groups.customer_key
        and {{ month_boundaries('groups.score_date', 'customer_months.month_date') }}
            = settings.horizon_months
    where customer_months.is_closed_month
        and groups.score_date = last_day(groups.score_date)
),

both_levels as (
    select * from followed

    union all

    select customer_key, '*' as customer_kind, risk_group, is_lost from followed
),

final as (
    select
        customer_kind,
        risk_group,
        count(distinct customer_key) as customer_count,
        count(*) as observation_count,
        count(*) filter (where is_lost) as lost_count
    from both_levels
    group by customer_kind, risk_group
)

select * from final
