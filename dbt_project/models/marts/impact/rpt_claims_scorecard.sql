-- Grain: one row per published claim
with

claims as (select * from {{ ref('published_claims') }}),

measured as (
    {% for basis in ['experience', 'contacts', 'customers', 'returns'] %}
    select claim_id, n, own_figure, own_low, own_high
    from {{ ref('int_claims__of_' ~ basis) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

joined as (
    select
        claims.*,
        coalesce(measured.n, 0) as n,
        measured.own_figure,
        case when measured.own_figure is not null then measured.own_low end as own_low,
        case when measured.own_figure is not null then measured.own_high end as own_high
    from claims
    left join measured
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on measured.claim_id = case when claims.comparison <> 'none' then claims.claim_id end
),

-- The whole interval must lie on one side of the claim.
judged as (
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
    from joined
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
            when is_outside then 'no'
            -- Thirty days hold more than the first: this figure can refute, not confirm.
            when claim_id = 'poor_service_loses_within_a_day' then 'not_proven'
            when is_inside then 'yes'
            else 'not_proven'
        end as holds,
        own_figure,
        own_low,
        own_high,
        cast(n as bigint) as n,
        source_table,
        how_measured,
        case
            when comparison = 'none' then why_not_measurable
            when own_figure is null then concat('Not in these data: ', needs)
        end as why_not_measurable,
        true as is_association
    from judged
)

select * from final
