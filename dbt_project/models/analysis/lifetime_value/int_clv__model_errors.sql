-- Grain: one row per kind of buyer (and all) that a hold-out was there for
with

scores as (select * from {{ ref('int_clv__candidate_scores') }}),

chosen as (select * from {{ ref('int_clv__chosen_models') }}),

predictions as (select * from {{ ref('int_clv__purchase_predictions') }}),

histogram as (select * from {{ ref('int_clv__purchase_histogram') }}),

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

-- What each model that could have been chosen expects now, and how it did in the hold-outs.
foretold as (
    select
        {{ buyer_kind('predictions.repeat_count') }} as buyer_kind,
        predictions.model,
        max(histogram.horizon_days) as horizon_days,
        {{ exact_sum('histogram.customer_count * predictions.expected_purchases') }}
            as expected_count
    from predictions
    inner join histogram
        on {{ same('histogram', 'predictions', [
            'fit', 'segment', 'repeat_count', 'recency_step', 'observed_step',
        ]) }}
    where predictions.fit = 'current'
        and predictions.segment = 'all'
        and {{ is_finite('predictions.expected_purchases') }}
    group by {{ buyer_kind('predictions.repeat_count') }}, predictions.model
),

candidates as (
    select
        buyer_kind,
        model,
        count(*) as holdout_count,
        {{ exact_sum('deviance') }} + {{ parameter_penalty('model') }} as deviance,
        {{ exact_mean(ratio('squared_error', 'predicted_count')) }} as dispersion
    from scores
    where segment = 'all'
        and model <> 'regression'
    group by buyer_kind, model
),

-- Deviances are of counts that vary by more than Poisson, and hold-outs tell of the same purchases:
-- so their mean counts and not their sum, in units of what they vary by (quasi-likelihood).
weighed as (
    select
        foretold.*,
        best_now.expected_count as chosen_count,
        exp(least(0, (best.deviance - candidates.deviance)
            / (best.holdout_count * greatest(1, best.dispersion)))) as weight
    from foretold
    inner join candidates
        on {{ same('candidates', 'foretold', ['buyer_kind', 'model']) }}
    inner join chosen
        on chosen.segment = 'all'
        and chosen.buyer_kind = foretold.buyer_kind
    inner join candidates as best
        on {{ same('best', 'chosen', ['buyer_kind', 'model']) }}
    inner join foretold as best_now
        on {{ same('best_now', 'chosen', ['buyer_kind', 'model']) }}
    where candidates.holdout_count = best.holdout_count
),

-- How far the others are from the one that was chosen, by their weights (Buckland and others 1997).
spread as (
    select
        buyer_kind,
        max(horizon_days) as horizon_days,
        max(chosen_count) as chosen_count,
        sqrt({{ exact_sum('weight * power(expected_count - chosen_count, 2)') }}
            / {{ exact_sum('weight') }}) as choice_error
    from weighed
    group by buyer_kind
),

-- The kinds are chosen by the same hold-outs, so their errors are taken to go together.
choice as (
    select
        coalesce(buyer_kind, 'all') as buyer_kind,
        power({{ exact_sum('choice_error') }} / {{ exact_sum('chosen_count') }}, 2)
            / max(horizon_days) as variance_per_day
    from spread
    where chosen_count > 0
    group by grouping sets ((), (buyer_kind))
),

drift as (
    select
        buyer_kind,
        count(*) as holdout_count,
        max(horizon_months) as longest_holdout_months,
        -- The error drifts: its variance grows with the horizon, so longer hold-outs tell more.
        greatest(0, {{ exact_sum('unexplained') }}) / sum(horizon_days) as variance_per_day,
        round(greatest(0, max((dispersion - 1) / horizon_days)), 12) as dispersion_per_day,
        max(case when fit = 'holdout' then excess_over_regression end) as excess_over_regression
    from measured
    group by buyer_kind
),

final as (
    select
        drift.buyer_kind,
        drift.holdout_count,
        drift.longest_holdout_months,
        round(drift.variance_per_day + coalesce(choice.variance_per_day, 0), 12)
            as model_variance_per_day,
        drift.dispersion_per_day,
        drift.excess_over_regression
    from drift
    left join choice
        on choice.buyer_kind = drift.buyer_kind
)

select * from final
