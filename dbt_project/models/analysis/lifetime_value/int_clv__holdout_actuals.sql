-- Grain: one row per customer predicted in the hold-out: what came of them
with

forecasts as (select * from {{ ref('int_clv__forecasts') }}),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

days as (select * from {{ ref('int_clv__purchase_days') }}),

tenures as (select * from {{ ref('int_clv__contract_tenures') }}),

months as (select * from {{ ref('fct_customer_months') }}),

held_out as (select * from fits where fit = 'holdout'),

bought as (
    select days.customer_key, count(*) as purchase_day_count
    from days
    inner join held_out
        on days.business_date > held_out.fit_date
        and days.business_date <= held_out.horizon_end_date
    group by days.customer_key
),

-- The tenure that was running then, as today's dates show it: until it ended, or the period did.
stayed as (
    select
        tenures.customer_key,
        greatest(0, max(
            {{ month_position('least(tenures.to_date, held_out.horizon_end_date + 1)') }}
            - {{ month_position('held_out.fit_date + 1') }}
        )) as contract_months
    from tenures
    cross join held_out
    where tenures.fit = 'current'
        and tenures.from_date <= held_out.fit_date
    group by tenures.customer_key
),

earned as (
    select
        months.customer_key,
        {{ money('sum(months.contribution_amount)') }} as contribution_amount,
        count(*) = count(months.contribution_amount) as is_known
    from months
    inner join held_out
        on months.month_date > held_out.fit_date
        and months.month_date <= held_out.horizon_end_date
    group by months.customer_key
),

final as (
    select
        forecasts.customer_key,
        forecasts.method,
        forecasts.segment,
        forecasts.event_count,
        forecasts.unit_count as predicted_count,
        cast(case
            when forecasts.period_months is null then coalesce(bought.purchase_day_count, 0)
            else coalesce(stayed.contract_months, 0)
        end as double) as actual_count,
        forecasts.predictive_amount as predicted_amount,
        case
            when forecasts.predictive_amount is null then null
            when earned.customer_key is null or earned.is_known
                then coalesce(earned.contribution_amount, 0)
        end as actual_amount
    from forecasts
    left join bought
        on bought.customer_key = forecasts.customer_key
    left join stayed
        on stayed.customer_key = forecasts.customer_key
    left join earned
        on earned.customer_key = forecasts.customer_key
    where forecasts.fit = 'holdout'
        and forecasts.method in ('sbg', 'purchases_gamma_gamma')
)

select * from final
