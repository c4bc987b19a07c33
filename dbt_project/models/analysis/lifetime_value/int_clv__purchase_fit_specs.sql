-- Grain: one row per fit of buyers: those of all customers, a shorter hold-out and a longer one
{{ config(materialized='view') }}
with

fits as (select * from {{ ref('int_clv__fit_specs') }}),

tested as (
    select
        *,
        cast(floor(horizon_months / 2.0) as int) as short_months,
        cast(least(2 * horizon_months, floor(closed_month_count / 2.0)) as int) as long_months,
        {{ month_index('horizon_end_date + 1') }} as next_month
    from fits
    where fit = 'holdout'
),

-- What the regression learns of a hold-out is what came in the first part of one begun earlier.
final as (
    select
        fit,
        fit_date,
        horizon_months,
        horizon_end_date,
        discount_rate,
        segmentation,
        minimum_event_count,
        pooled_minimum_event_count,
        case when fit = 'holdout' then 'holdout_short' end as training_for,
        case when fit = 'holdout' then cast({{ month_of_index(
            month_index('horizon_end_date + 1') ~ ' - horizon_months + '
            ~ 'cast(floor(horizon_months / 2.0) as int)'
        ) }} - 1 as date) end as training_end_date
    from fits

    union all

    select
        'holdout_short' as fit,
        cast({{ month_of_index('next_month - short_months') }} - 1 as date) as fit_date,
        short_months as horizon_months,
        horizon_end_date,
        discount_rate,
        segmentation,
        minimum_event_count,
        pooled_minimum_event_count,
        cast(null as {{ dbt.type_string() }}) as training_for,
        cast(null as date) as training_end_date
    from tested
    where short_months >= 3

    union all

    -- As the hold-out itself no longer than half of the history, and half as long again at least.
    select
        'holdout_long' as fit,
        cast({{ month_of_index('next_month - long_months') }} - 1 as date) as fit_date,
        long_months as horizon_months,
        horizon_end_date,
        discount_rate,
        segmentation,
        minimum_event_count,
        pooled_minimum_event_count,
        'holdout' as training_for,
        fit_date as training_end_date
    from tested
    where 2 * long_months >= 3 * horizon_months
)

select * from final
