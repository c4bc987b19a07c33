-- Grain: one row per segment or all with a usable model, and kind of buyer
with

fits as (select * from {{ ref('int_clv__fits') }}),

scores as (select * from {{ ref('int_clv__candidate_scores') }}),

kinds as (
    select 'one_time' as buyer_kind
    union all
    select 'repeat' as buyer_kind
),

tested as (
    select
        segment,
        buyer_kind,
        model,
        count(*) as holdout_count,
        {{ exact_sum('deviance') }} as deviance
    from scores
    group by segment, buyer_kind, model
),

-- The smallest deviance over all hold-outs; without one, the greatest likelihood; and one more for
-- a model that has a parameter more than the others, as Akaike has it.
ranked as (
    select
        fits.segment,
        kinds.buyer_kind,
        fits.model,
        coalesce(tested.holdout_count, 0) as holdout_count,
        row_number() over (
            partition by fits.segment, kinds.buyer_kind
            order by
                coalesce(tested.holdout_count, 0) desc,
                coalesce(tested.deviance, -fits.log_likelihood)
                    + {{ parameter_penalty('fits.model') }},
                fits.model
        ) as place
    from fits
    cross join kinds
    left join tested
        on {{ same('tested', 'fits', ['segment', 'model']) }}
        and tested.buyer_kind = kinds.buyer_kind
    where fits.fit = 'current'
        and fits.reason is null
        and fits.model in (
            'bgnbd', 'mbgnbd', 'pareto_nbd', 'pareto_nbd_once', 'weibull_nbd'
        )
),

final as (
    select
        segment,
        buyer_kind,
        model,
        holdout_count
    from ranked
    where place = 1
)

select * from final
