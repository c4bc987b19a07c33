-- Grain: one row per customer active on the as-of date: loss rate of its risk group
with

risk_groups as (select * from {{ ref('int_risk__groups') }}),

outcomes as (select * from {{ ref('int_risk__outcomes') }}),

settings as (select * from {{ ref('int_settings') }}),

observations as (
    select
        risk_groups.customer_key,
        risk_groups.customer_kind,
        risk_groups.risk_group,
        outcomes.is_lost
    from risk_groups
    inner join outcomes
        on outcomes.customer_key = risk_groups.customer_key
        and outcomes.score_date = risk_groups.score_date
),

losses_by_kind as (
    select
        customer_kind,
        risk_group,
        count(distinct customer_key) as customer_count,
        count(*) as observation_count,
        count(*) filter (where is_lost) as lost_count
    from observations
    group by customer_kind, risk_group
),

losses_of_all_kinds as (
    select
        risk_group,
        count(distinct customer_key) as customer_count,
        count(*) as observation_count,
        count(*) filter (where is_lost) as lost_count
    from observations
    group by risk_group
),

-- The losses of the customer's own kind where enough customers were observed, else those of all
-- kinds, else none.
group_bases as (
    select
        risk_groups.customer_key,
        risk_groups.customer_kind,
        risk_groups.risk_group,
        case
            when losses_by_kind.customer_count >= settings.rate_minimum_customers
                then 'kind_and_group'
            when losses_of_all_kinds.customer_count >= settings.rate_minimum_customers then 'group'
            else 'too_few_customers'
        end as group_basis,
        losses_by_kind.customer_count as kind_customer_count,
        losses_by_kind.observation_count as kind_observation_count,
        losses_by_kind.lost_count as kind_lost_count,
        losses_of_all_kinds.customer_count as all_customer_count,
        losses_of_all_kinds.observation_count as all_observation_count,
        losses_of_all_kinds.lost_count as all_lost_count
    from risk_groups
    cross join settings
    left join losses_by_kind
        on losses_by_kind.customer_kind = risk_groups.customer_kind
        and losses_by_kind.risk_group = risk_groups.risk_group
    left join losses_of_all_kinds
        on losses_of_all_kinds.risk_group = risk_groups.risk_group
    where risk_groups.is_as_of_date
),

group_counts as (
    select
        customer_key,
        customer_kind,
        risk_group,
        group_basis,
        coalesce(case when group_basis = 'kind_and_group' then kind_customer_count
            else all_customer_count end, 0) as risk_customer_count,
        coalesce(case when group_basis = 'kind_and_group' then kind_observation_count
            else all_observation_count end, 0) as risk_observation_count,
        coalesce(case when group_basis = 'kind_and_group' then kind_lost_count
            else all_lost_count end, 0) as risk_lost_count
    from group_bases
),

final as (
    select
        *,
        case when group_basis <> 'too_few_customers' then
            {{ ratio('risk_lost_count', 'risk_observation_count') }}
        end as group_risk_rate
    from group_counts
)

select * from final
