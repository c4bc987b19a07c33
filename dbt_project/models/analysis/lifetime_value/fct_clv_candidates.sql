-- Grain: one row per hold-out, segment or all, kind of buyer and model or regression
with

scores as (select * from {{ ref('int_clv__candidate_scores') }}),

chosen as (select * from {{ ref('int_clv__chosen_models') }}),

final as (
    select
        scores.fit,
        scores.fit_date,
        cast(scores.horizon_months as int) as holdout_months,
        scores.segment,
        scores.buyer_kind,
        scores.model,
        chosen.model is not null as is_chosen,
        scores.customer_count,
        scores.predicted_count as predicted_purchase_day_count,
        scores.actual_count as actual_purchase_day_count,
        {{ settled(ratio('scores.predicted_count - scores.actual_count', 'scores.actual_count')) }}
            as error_rate,
        scores.deviance,
        {{ settled('sqrt(scores.squared_error / scores.customer_count)') }}
            as root_mean_square_error,
        scores.excess_over_regression
    from scores
    left join chosen
        on {{ same('chosen', 'scores', ['segment', 'buyer_kind', 'model']) }}
)

select * from final
