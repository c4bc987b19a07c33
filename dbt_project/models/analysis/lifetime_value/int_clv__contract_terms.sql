-- Grain: one row per fit and paid contract that had begun by then, with the end known by then
with

fits as (select * from {{ ref('int_clv__fit_specs') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

price_periods as (select * from {{ ref('int_contracts__price_periods') }}),

-- A term that runs out later renews unless notice was given; so its end is not known.
dated as (
    select
        fits.fit,
        fits.fit_date,
        fits.segmentation,
        contracts.customer_key,
        contracts.contract_id,
        contracts.start_date,
        price_periods.mrr_amount,
        case
            when contracts.end_date <= fits.fit_date
                or contracts.notice_date <= fits.fit_date then contracts.end_date
        end as known_end_date,
        -- Weeks are counted by the month, a renewal of four or five of them; what was paid once is
        -- taken for a year.
        cast(coalesce(
            contracts.billing_months, case when contracts.billing_period = 'week' then 1 else 12 end
        ) as int) as period_months
    from contracts
    inner join fits
        on contracts.start_date <= fits.fit_date
    -- The price of that day; of a contract that is over, its last.
    inner join price_periods
        on price_periods.contract_id = contracts.contract_id
        and price_periods.from_date <= fits.fit_date
        and (price_periods.is_last_period or price_periods.to_date > fits.fit_date)
    where contracts.contract_kind <> 'trial'
        and contracts.customer_key <> 'unknown'
        and (contracts.end_date is null or contracts.end_date > contracts.start_date)
),

reached as (
    select
        *,
        coalesce(known_end_date, date '9999-12-31') as to_date,
        max(coalesce(known_end_date, date '9999-12-31')) over (
            partition by fit, customer_key
            order by start_date, contract_id
            rows between unbounded preceding and 1 preceding
        ) as reached_date
    from dated
),

-- A gap of up to a month is a renewal that came late, as in churn, where who is back within the
-- month has not left.
marked as (
    select
        *,
        case
            when reached_date is null
                or {{ days_between('reached_date', 'start_date') }} > 31 then 1
            else 0
        end as is_first
    from reached
),

final as (
    select
        fit,
        fit_date,
        segmentation,
        customer_key,
        contract_id,
        start_date,
        to_date,
        period_months,
        mrr_amount,
        cast(sum(is_first) over (
            partition by fit, customer_key
            order by start_date, contract_id
            rows between unbounded preceding and current row
        ) as int) as tenure_number
    from marked
)

select * from final
