-- Grain: one row per fit: as of the as-of date, and as of the day the hold-out period begins after
with

days as (select * from {{ ref('int_clv__purchase_days') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (
    select
        coalesce({{ setting('clv_horizon_months', 'int') }}, 36) as horizon_months,
        coalesce({{ setting('clv_discount_rate', 'double') }}, 0) as discount_rate,
        coalesce({{ setting('clv_segmentation', 'varchar') }}, 'all') as segmentation,
        coalesce({{ setting('clv_minimum_events', 'int') }}, 50) as minimum_event_count,
        coalesce({{ setting('clv_minimum_events__pooled', 'int') }}, 10)
            as pooled_minimum_event_count,
        coalesce({{ setting('clv_holdout_months', 'int') }}, 0) as holdout_months
    from {{ ref('analyst_settings') }}
),

firsts as (
    select min(business_date) as first_date from days
    union all
    select min(start_date) as first_date
    from contracts
    where contract_kind <> 'trial'
),

-- The months that are over, and how many of them there are.
history as (
    select
        run_parameters.as_of_date,
        {{ month_index('run_parameters.as_of_date + 1') }} as next_month,
        {{ month_index('run_parameters.as_of_date + 1') }}
            - {{ first_month_from('min(firsts.first_date)') }} as closed_month_count
    from run_parameters
    cross join firsts
    group by run_parameters.as_of_date
),

lengths as (
    select
        history.*,
        settings.*,
        least(settings.holdout_months, cast(floor(history.closed_month_count / 2.0) as int))
            as tested_months
    from history
    cross join settings
),

final as (
    select
        'current' as fit,
        as_of_date as fit_date,
        horizon_months,
        cast(null as date) as horizon_end_date,
        discount_rate,
        segmentation,
        minimum_event_count,
        pooled_minimum_event_count,
        closed_month_count
    from lengths

    union all

    -- Under three months either side nothing is learned.
    select
        'holdout' as fit,
        cast({{ month_of_index('next_month - tested_months') }} - 1 as date) as fit_date,
        tested_months as horizon_months,
        cast({{ month_of_index('next_month') }} - 1 as date) as horizon_end_date,
        discount_rate,
        segmentation,
        minimum_event_count,
        pooled_minimum_event_count,
        closed_month_count
    from lengths
    where tested_months >= 3
)

select * from final
