-- Grain: one row per fit, customer and month of the twelve closed ones before it
with

months as (select * from {{ ref('fct_customer_months') }}),

days as (select * from {{ ref('int_clv__purchase_days') }}),

fits as (select * from {{ ref('int_clv__fit_specs') }}),

spent as (
    select
        customer_key,
        cast(date_trunc('month', business_date) as date) as month_date,
        {{ money('sum(spend_amount)') }} as spend_amount
    from days
    group by 1, 2
),

-- MRR in the middle of the month: over a tenure it adds up to what was billed in it.
recent as (
    select
        fits.fit,
        months.customer_key,
        months.month_date,
        months.contribution_amount,
        months.programme_cost_amount,
        {{ month_index('months.month_date') }} >= {{ month_index('fits.fit_date + 1') }} - 3
            as is_latest,
        months.mrr_begin_contract_rate_amount as mrr_begin_amount,
        cast(
            (months.mrr_begin_contract_rate_amount + months.mrr_end_contract_rate_amount) / 2.0
            as decimal(18, 4)
        ) as mrr_amount,
        spent.spend_amount
    from months
    inner join fits
        on last_day(months.month_date) <= fits.fit_date
        and {{ month_index('months.month_date') }} >= {{ month_index('fits.fit_date + 1') }} - 12
    left join spent
        on spent.customer_key = months.customer_key
        and spent.month_date = months.month_date
),

-- Programmes start and stop: what lies ahead is what they cost a customer a month lately, not
-- in a year in which some did not run yet.
foreseen as (
    select
        fit,
        customer_key,
        month_date,
        {{ money(settled('contribution_amount + programme_cost_amount - coalesce('
            ~ 'avg(case when is_latest then programme_cost_amount end) over ('
            ~ 'partition by fit, customer_key), programme_cost_amount)')) }} as contribution_amount,
        mrr_begin_amount,
        mrr_amount,
        spend_amount
    from recent
),

-- A month whose support cost is not known has a cost of programmes, but no contribution.
final as (
    select * from foreseen
    where contribution_amount is not null
)

select * from final
