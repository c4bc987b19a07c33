-- Grain: one row per fit, contract customer and unbroken tenure under contract
with

terms as (select * from {{ ref('int_clv__contract_terms') }}),

segments as (select * from {{ ref('int_customer_segments__backdated') }}),

spans as (
    select
        *,
        min(start_date) over of_tenure as from_date,
        max(to_date) over of_tenure as last_date,
        row_number() over (
            partition by fit, customer_key
            order by tenure_number desc, start_date desc, contract_id
        ) = 1 as is_latest
    from terms
    window of_tenure as (partition by fit, customer_key, tenure_number)
),

-- The longest commitment among the contracts that the tenure ended with, or that still run.
tenures as (
    select
        fit,
        fit_date,
        segmentation,
        customer_key,
        tenure_number,
        min(from_date) as from_date,
        max(last_date) as to_date,
        max(case when to_date = last_date then period_months end) as period_months,
        max(case when is_latest then 1 else 0 end) = 1 as is_latest
    from spans
    group by fit, fit_date, segmentation, customer_key, tenure_number
),

measured as (
    select
        *,
        to_date > fit_date as is_in_force,
        {{ month_position('fit_date + 1') }} - {{ month_position('from_date') }} as watched_months,
        {{ month_position('least(to_date, fit_date + 1)') }} - {{ month_position('from_date') }}
            as tenure_months
    from tenures
),

-- Three days (0.1 months) of tolerance: months differ in length, and exports in whether the last
-- day belongs to a contract. A period counts once it is over for everybody, left or not: else the
-- losses of a running period would be seen and its renewals not.
counted as (
    select
        *,
        cast(floor((watched_months + 0.1) / period_months) as int) as complete_period_count,
        cast(greatest(1, ceil((tenure_months - 0.1) / period_months)) as int) as last_period
    from measured
),

final as (
    select
        counted.fit,
        counted.fit_date,
        counted.customer_key,
        counted.tenure_number,
        coalesce(segments.segment, 'unknown') as segment,
        counted.from_date,
        counted.to_date,
        counted.period_months,
        counted.is_latest,
        counted.is_in_force,
        not counted.is_in_force and counted.last_period <= counted.complete_period_count
            as is_loss,
        case
            when counted.is_in_force or counted.last_period > counted.complete_period_count
                then counted.complete_period_count
            else counted.last_period
        end as period_count,
        -- What is left of the running period, to a quarter of a month.
        case
            when counted.is_in_force then round(4 * greatest(0, least(
                counted.period_months,
                (counted.complete_period_count + 1) * counted.period_months
                    - counted.watched_months
            ))) / 4
        end as left_months,
        -- Notice was given: the end is known and nothing is left to estimate.
        case
            when counted.is_in_force and counted.to_date < date '9999-12-31' then
                {{ month_position('counted.to_date') }}
                - {{ month_position('counted.fit_date + 1') }}
        end as known_months
    from counted
    left join segments
        on segments.customer_key = counted.customer_key
        and segments.segmentation = counted.segmentation
        and segments.valid_from_date <= counted.fit_date
        and segments.valid_to_date > counted.fit_date
)

select * from final
