-- Grain: one row per customer whose onboarding stalled in the last 90 days
{{ config(materialized='view') }}
with

onboarding as (select * from {{ ref('fct_onboarding') }}),

customers as (select * from {{ ref('dim_customers') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Mean contribution of a year of that kind of customer: new customers have no history of their own.
-- One unknown margin makes the mean unknown, else those with nothing sold would stand for all.
contributions as (
    select
        customer_kind,
        case when count(*) = count(gross_margin_12m_amount) then
            12 * {{ ratio(
                'sum(gross_margin_12m_amount - coalesce(support_cost_12m_amount, 0)
                    - coalesce(programme_cost_12m_amount, 0))',
                'sum(active_month_12m_count)'
            ) }}
        end as contribution_12m_amount
    from returns
    where customer_key <> 'unknown'
        and active_month_12m_count > 0
    group by customer_kind
),

kind_rates as (
    select
        customers.customer_kind,
        count(*) filter (where onboarding.is_onboarding_complete) as complete_count,
        count(*) filter (
            where onboarding.is_onboarding_complete and onboarding.is_active_after_90_days
        ) as complete_active_count,
        count(*) filter (where onboarding.is_stalled) as stalled_count,
        count(*) filter (
            where onboarding.is_stalled and onboarding.is_active_after_90_days
        ) as stalled_active_count
    from onboarding
    inner join customers
        on customers.customer_key = onboarding.customer_key
    where onboarding.is_active_after_90_days is not null
    group by customers.customer_kind
),

final as (
    select
        onboarding.customer_key,
        'onboarding_stalled' as trigger,
        concat(
            'began ', {{ days_between('onboarding.start_date', 'run_parameters.as_of_date') }},
            ' days ago, ', onboarding.value_day_count, ' of ',
            onboarding.required_value_day_count, ' days with use or a purchase'
        ) as reason,
        onboarding.start_date + 90 as due_date,
        {{ money('contributions.contribution_12m_amount') }} as base_amount,
        greatest(
            {{ ratio('kind_rates.complete_active_count', 'kind_rates.complete_count') }}
            - {{ ratio('kind_rates.stalled_active_count', 'kind_rates.stalled_count') }},
            case when kind_rates.complete_count > 0 and kind_rates.stalled_count > 0 then 0 end
        ) as rate,
        coalesce(least(kind_rates.complete_count, kind_rates.stalled_count), 0)
            as rate_customer_count,
        'difference_of_rates' as value_basis,
        concat(
            'mean contribution of 12 months of that kind × (share active after 90 days of the',
            ' complete − of the stalled)'
        ) as value_formula
    from onboarding
    cross join run_parameters
    inner join customers
        on customers.customer_key = onboarding.customer_key
    left join contributions
        on contributions.customer_kind = customers.customer_kind
    left join kind_rates
        on kind_rates.customer_kind = customers.customer_kind
    where onboarding.is_stalled
        and onboarding.start_date > run_parameters.as_of_date - 90
)

select * from final
