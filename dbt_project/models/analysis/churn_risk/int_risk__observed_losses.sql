-- Grain: one row per kind of customer and risk group seen at a past month end; kind '*' is all
with

groups as (select * from {{ ref('int_risk__groups') }}),

outcomes as (select * from {{ ref('int_risk__outcomes') }}),

followed as (
    select
        groups.customer_key,
        groups.customer_kind,
        groups.risk_group,
        outcomes.is_lost
    from groups
    inner join outcomes
        on outcomes.customer_key = groups.customer_key
        and outcomes.score_date = groups.score_date
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
