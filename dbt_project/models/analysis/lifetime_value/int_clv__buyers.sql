-- Grain: one row per fit and customer who has bought, and not only before or under a paid contract
with

fits as (select * from {{ ref('int_clv__purchase_fit_specs') }}),

days as (select * from {{ ref('int_clv__purchase_days') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

segments as (select * from {{ ref('int_customer_segments__backdated') }}),

-- Who has a contract is no buyer; who had one is, by what they bought since.
contract_ends as (
    select
        fits.fit,
        contracts.customer_key,
        max(coalesce(contracts.end_date, date '9999-12-31')) as last_paid_end_date
    from contracts
    inner join fits
        on contracts.start_date <= fits.fit_date
    where contracts.contract_kind <> 'trial'
    group by fits.fit, contracts.customer_key
),

known_days as (
    select
        fits.fit,
        fits.fit_date,
        fits.segmentation,
        days.*,
        min(days.business_date) over (partition by fits.fit, days.customer_key) as first_date
    from days
    inner join fits
        on days.business_date <= fits.fit_date
    left join contract_ends
        on contract_ends.fit = fits.fit
        and contract_ends.customer_key = days.customer_key
    where contract_ends.customer_key is null
        or contract_ends.last_paid_end_date <= days.business_date
),

counted as (
    select
        fit,
        fit_date,
        segmentation,
        customer_key,
        count(*) - 1 as repeat_count,
        {{ days_between('min(first_date)', 'max(business_date)') }} as recency_days,
        {{ days_between('min(first_date)', 'fit_date') }} as observed_days,
        -- The first purchase says nothing about what a customer who comes back spends.
        count(spend_amount) filter (where business_date > first_date) as spend_count,
        {{ settled(exact_mean('spend_amount', 'business_date > first_date')) }}
            as mean_spend_amount
    from known_days
    group by fit, fit_date, segmentation, customer_key
),

-- What a hold-out was to foretell, and of it what the regression may learn from.
came as (
    select
        fits.fit,
        days.customer_key,
        count(*) as actual_count,
        count(*) filter (where days.business_date <= fits.training_end_date) as training_count
    from fits
    inner join days
        on days.business_date > fits.fit_date
        and days.business_date <= fits.horizon_end_date
    group by fits.fit, days.customer_key
),

-- Exact in days up to 20,000 buyers; beyond, in weeks (four where only a model is chosen by it), so
-- that the number of distinct histories is bounded by the length of the history and not by the
-- number of customers.
steps as (
    select
        fit,
        case
            when count(*) <= 20000 then 1
            when fit in ('holdout_short', 'holdout_long') then 28
            else 7
        end as step_days
    from counted
    group by fit
),

final as (
    select
        counted.fit,
        counted.fit_date,
        counted.customer_key,
        coalesce(segments.segment, 'unknown') as segment,
        counted.repeat_count,
        counted.recency_days,
        counted.observed_days,
        cast(floor(counted.recency_days / cast(steps.step_days as double)) as int) as recency_step,
        cast(floor(counted.observed_days / cast(steps.step_days as double)) as int)
            as observed_step,
        counted.spend_count,
        counted.mean_spend_amount,
        -- Within 1 % of each other in spend; a group then stands for its own mean.
        case
            when counted.mean_spend_amount > 0
                then cast(floor(100 * ln(counted.mean_spend_amount)) as int)
        end as spend_step,
        case when counted.fit <> 'current' then coalesce(came.actual_count, 0) end
            as actual_count,
        case when counted.fit <> 'current' then coalesce(came.training_count, 0) end
            as training_count
    from counted
    inner join steps
        on steps.fit = counted.fit
    left join came
        on came.fit = counted.fit
        and came.customer_key = counted.customer_key
    left join segments
        on segments.customer_key = counted.customer_key
        and segments.segmentation = counted.segmentation
        and segments.valid_from_date <= counted.fit_date
        and segments.valid_to_date > counted.fit_date
)

select * from final
