-- Grain: one row per customer active on the as-of date: their risk, and what would go with them
with

groups as (select * from {{ ref('int_risk__groups') }}),

observed as (select * from {{ ref('int_risk__observed') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

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
            else 'too_few'
        end as risk_basis,
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
        risk_basis,
        {% for count in ['customer', 'observation', 'lost'] %}
        coalesce(case when risk_basis = 'kind_and_group' then kind_{{ count }}_count
            else {{ count }}_count end, 0) as risk_{{ count }}_count
        {{- ',' if not loop.last }}
        {% endfor %}
    from rated
),

valued as (
    select
        counted.*,
        case when counted.risk_basis <> 'too_few' then
            {{ ratio('counted.risk_lost_count', 'counted.risk_observation_count') }}
        end as risk_rate,
        -- Twelve months at the rate of the last twelve closed ones.
        {{ money('12 * ' ~ ratio('returns.gross_margin_12m_amount'
            ~ ' - coalesce(returns.support_cost_12m_amount, 0)'
            ~ ' - coalesce(returns.programme_cost_12m_amount, 0)',
            'returns.active_month_12m_count')) }} as expected_contribution_12m_amount
    from counted
    inner join returns
        on returns.customer_key = counted.customer_key
),

final as (
    select
        *,
        {{ money('expected_contribution_12m_amount * risk_rate') }} as value_at_stake_amount
    from valued
)

select * from final
