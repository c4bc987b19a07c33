-- Grain: one row per published claim
with

claims as (select * from {{ ref('published_claims') }}),

experience_claims as (select * from {{ ref('int_claims__experience') }}),

contacts_claims as (select * from {{ ref('int_claims__contacts') }}),

customers_claims as (select * from {{ ref('int_claims__customers') }}),

returns_claims as (select * from {{ ref('int_claims__returns') }}),

estimates as (
    select claim_id, n, own_figure, own_low, own_high, own_first_figure, own_second_figure,
        is_association
    from experience_claims
    union all
    select claim_id, n, own_figure, own_low, own_high, own_first_figure, own_second_figure,
        is_association
    from contacts_claims
    union all
    select claim_id, n, own_figure, own_low, own_high, own_first_figure, own_second_figure,
        is_association
    from customers_claims
    union all
    select claim_id, n, own_figure, own_low, own_high, own_first_figure, own_second_figure,
        is_association
    from returns_claims
),

claim_estimates as (
    select
        claims.*,
        coalesce(estimates.n, 0) as n,
        estimates.own_figure,
        case when estimates.own_figure is not null then estimates.own_low end as own_low,
        case when estimates.own_figure is not null then estimates.own_high end as own_high,
        estimates.own_first_figure,
        estimates.own_second_figure,
        case when estimates.own_figure is not null then estimates.is_association end
            as is_association
    from claims
    left join estimates
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on estimates.claim_id = case when claims.comparison <> 'none' then claims.claim_id end
),

-- The whole interval must lie on one side of the claim.
comparisons as (
    select
        *,
        case comparison
            when 'at_least' then own_low >= published_figure
            when 'at_most' then own_high <= published_figure
            when 'between' then own_low >= published_figure and own_high <= published_to
            when 'up_to' then own_low > 0 and own_high <= published_figure
        end as is_inside,
        case comparison
            when 'at_least' then own_high < published_figure
            when 'at_most' then own_low > published_figure
            when 'between' then own_high < published_figure or own_low > published_to
            when 'up_to' then own_high <= 0 or own_low > published_figure
        end as is_outside
    from claim_estimates
),

final as (
    select
        claim_id,
        source_document,
        claim,
        comparison,
        published_figure,
        published_to,
        unit,
        case
            when own_figure is null then 'not_measurable'
            when comparison = 'not_comparable' then 'not_comparable'
            when is_outside then 'contradicted'
            -- Thirty days hold more than the first: this figure can refute, not confirm.
            when claim_id = 'poor_service_loses_within_a_day' then 'not_proven'
            -- Nor does a small figure confirm how high a limit is.
            when is_inside and comparison = 'up_to' then 'consistent'
            when is_inside then 'confirmed'
            else 'not_proven'
        end as verdict,
        own_figure,
        own_low,
        own_high,
        own_first_figure,
        own_second_figure,
        cast(n as bigint) as unit_count,
        source_table,
        how_measured,
        case
            when comparison = 'none' then no_verdict_reason
            when own_figure is null and own_first_figure is not null
                and own_second_figure is not null
                then concat(
                    'No ratio unless both are above 0: ', round(own_first_figure, 4),
                    ' against ', round(own_second_figure, 4)
                )
            when own_figure is null then concat('Not in these data: ', needs)
            when comparison = 'not_comparable' then no_verdict_reason
        end as no_verdict_reason,
        is_association
    from comparisons
)

select * from final
