-- Grain: one row per kind of buyer (and all) that a hold-out was there for
with

scores as (select * from {{ ref('int_clv__candidate_scores') }}),

chosen as (select * from {{ ref('int_clv__chosen_models') }}),

tested as (
    select scores.*
    from scores
    inner join chosen
        on {{ same('chosen', 'scores', ['segment', 'buyer_kind', 'model']) }}
    where scores.segment = 'all'
),

-- The kinds may be of one model, so that their errors of parameters add.
together as (
    select
        fit,
        horizon_months,
        horizon_days,
        coalesce(buyer_kind, 'all') as buyer_kind,
        {{ exact_sum('predicted_count') }} as predicted_count,
        {{ exact_sum('actual_count') }} as actual_count,
        {{ exact_sum('squared_error') }} as squared_error,
        {{ exact_sum('parameter_error') }} as parameter_error,
        max(excess_over_regression) as excess_over_regression
    from tested
    group by grouping sets (
        (fit, horizon_months, horizon_days), (fit, horizon_months, horizon_days, buyer_kind)
    )
),

-- What chance and the parameters leave unexplained of how far the hold-out was off, on the scale
-- of logarithms; chance is as much more than that of Poisson as customers' own errors show.
measured as (
    select
        *,
        {{ ratio('squared_error', 'predicted_count') }} as dispersion,
        power(ln(greatest(actual_count, 0.5) / predicted_count), 2)
            - power(parameter_error / predicted_count, 2)
            - squared_error / power(predicted_count, 2) as unexplained
    from together
    where predicted_count > 0
),

final as (
    select
        buyer_kind,
        count(*) as holdout_count,
        max(horizon_months) as longest_holdout_months,
        -- The error drifts: its variance grows with the horizon, so longer hold-outs tell more.
        round(greatest(0, {{ exact_sum('unexplained') }}) / sum(horizon_days), 12)
            as drift_variance_per_day,
        round(greatest(0, max((dispersion - 1) / horizon_days)), 12) as dispersion_per_day,
        max(case when fit = 'holdout' then excess_over_regression end) as excess_over_regression
    from measured
    group by buyer_kind
)

select * from final
