-- Grain: one row per customer active on the as-of date: the losses of those in the same group
with

groups as (select * from {{ ref('int_risk__groups') }}),

observed as (select * from {{ ref('int_risk__observed_losses') }}),

settings as (
    select {{ setting('rate_minimum_customers', 'int') }} as minimum_customers
    from {{ ref('analyst_settings') }}
),

-- The kind's own losses where enough customers were watched, else those of all kinds, else none.
rated as (
    select
        groups.customer_key,
        groups.customer_kind,
        groups.risk_group,
        case
            when of_kind.customer_count >= settings.minimum_customers then 'kind_and_group'
            when of_all.customer_count >= settings.minimum_customers then 'group'
            else 'too_few_customers'
        end as group_basis,
        of_kind.customer_count as kind_customer_count,
        of_kind.observation_count as kind_observation_count,
        of_kind.lost_count as kind_lost_count,
        of_all.customer_count,
        of_all.observation_count,
        of_all.lost_count
    from groups
    cross join settings
    left join observed as of_kind
        on of_kind.customer_kind = groups.customer_kind
        and of_kind.risk_group = groups.risk_group
    left join observed as of_all
        on of_all.customer_kind = '*'
        and of_all.risk_group = groups.risk_group
    where groups.is_as_of_date
),

counted as (
    select
        customer_key,
        customer_kind,
        risk_group,
        group_basis,
        {% for count in ['customer', 'observation', 'lost'] %}
        coalesce(case when group_basis = 'kind_and_group' then kind_{{ count }}_count
            else {{ count }}_count end, 0) as risk_{{ count }}_count
        {{- ',' if not loop.last }}
        {% endfor %}
    from rated
),

final as (
    select
        *,
        case when group_basis <> 'too_few_customers' then
            {{ ratio('risk_lost_count', 'risk_observation_count') }}
        end as group_risk_rate
    from counted
)

select * from final
