-- Grain: one row per fit, model, segment of customers and contract period: the fit that serves them
with

fits as (select * from {{ ref('int_clv__fits') }}),

-- Spend is asked about for every buyer, also where nobody of the segment has bought twice.
wanted as (
    select fit, model, segment, coalesce(period_months, 0) as period_months
    from fits
    where model <> 'gamma_gamma'
    union all
    select fit, 'gamma_gamma' as model, segment, 0 as period_months
    from fits
    where model = 'bgnbd'  -- which has a row wherever somebody has bought
),

final as (
    select
        wanted.fit,
        wanted.model,
        wanted.segment,
        wanted.period_months,
        case
            when own.fit is not null and own.reason is null then own.segment
            when pooled.fit is not null and pooled.reason is null then 'all'
        end as used_segment,
        case
            when wanted.segment <> 'all' and (own.fit is null or own.reason is not null)
                then coalesce(own.reason, 'nobody has bought twice')
        end as why_not_own,
        case
            when pooled.fit is null or pooled.reason is not null
                then coalesce(pooled.reason, 'nobody has bought twice')
        end as why_not_pooled
    from wanted
    left join fits as own
        on own.fit = wanted.fit
        and own.model = wanted.model
        and own.segment = wanted.segment
        and coalesce(own.period_months, 0) = wanted.period_months
    left join fits as pooled
        on pooled.fit = wanted.fit
        and pooled.model = wanted.model
        and pooled.segment = 'all'
        and coalesce(pooled.period_months, 0) = wanted.period_months
)

select * from final
