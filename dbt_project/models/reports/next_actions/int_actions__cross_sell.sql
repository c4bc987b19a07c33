-- Grain: one row per satisfied customer with one product line and another to offer
with

owned as (select * from {{ ref('int_product_lines__owned') }}),

affinity as (select * from {{ ref('fct_product_affinity') }}),

health as (select * from {{ ref('fct_customer_health') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

settings as (select * from {{ ref('int_settings') }}),

single_lines as (
    select
        customer_key,
        customer_kind,
        line_level,
        min(product_line) as product_line,
        -- One contract product in place of another of its category is a change, no second line.
        case when bool_or(is_contract) then min(product_category) end as contract_category
    from owned
    where is_owned_now
    group by customer_key, customer_kind, line_level
    having count(*) = 1
),

-- Promoters, and healthy customers who are no detractors.
satisfied as (
    select
        single_lines.*,
        returns.latest_nps_class,
        health.health_score
    from single_lines
    inner join health
        on health.customer_key = single_lines.customer_key
        and health.is_as_of_date
    inner join returns
        on returns.customer_key = single_lines.customer_key
    where coalesce(returns.latest_nps_class, '') <> 'detractor'
        and (returns.latest_nps_class = 'promoter' or health.health_band = 'healthy')
),

margins as (
    select {{ ratio('sum(gross_margin_12m_amount)',
        'sum(net_revenue_12m_amount) filter (where gross_margin_12m_amount is not null)') }}
        as margin_rate
    from returns
),

lines as (
    select
        customer_kind,
        line_level,
        product_line,
        max(product_category) as product_category,
        avg(case when is_owned_now then annual_revenue_amount end) as annual_revenue_amount
    from owned
    group by customer_kind, line_level, product_line
),

-- Lines that enough owners of the customer's line have too, not surely fewer than by chance; those
-- with affinity first. Without affinity there is the base rate alone, and the reason says so. What
-- the customer had and gave up is no candidate.
candidates as (
    select
        satisfied.*,
        affinity.product_line_b,
        affinity.confidence_rate,
        affinity.customer_count_a,
        affinity.has_affinity,
        affinity.lift,
        affinity.lift_low,
        affinity.lift_high,
        lines.annual_revenue_amount,
        row_number() over (
            partition by satisfied.customer_key
            order by
                affinity.has_affinity desc,
                satisfied.line_level desc,
                affinity.confidence_rate desc,
                affinity.product_line_b
        ) as candidate_rank
    from satisfied
    cross join settings
    inner join affinity
        on affinity.customer_kind = satisfied.customer_kind
        and affinity.line_level = satisfied.line_level
        and affinity.product_line_a = satisfied.product_line
        and affinity.customer_count_both >= settings.rate_minimum_customers
        and coalesce(affinity.lift_high, 1) >= 1
    inner join lines
        on lines.customer_kind = affinity.customer_kind
        and lines.line_level = affinity.line_level
        and lines.product_line = affinity.product_line_b
        and coalesce(lines.product_category <> satisfied.contract_category, true)
    left join owned
        on owned.customer_key = satisfied.customer_key
        and owned.line_level = satisfied.line_level
        and owned.product_line = affinity.product_line_b
    where owned.customer_key is null
),

final as (
    select
        candidates.customer_key,
        'cross_sell' as trigger,
        concat(
            case when candidates.latest_nps_class = 'promoter' then 'promoter'
                else concat('healthy, ', cast(round(candidates.health_score) as bigint)) end,
            ', has only ', candidates.product_line, '; ',
            cast(round(100 * candidates.confidence_rate) as bigint),
            ' % of its owners have had ', candidates.product_line_b, ' too, ',
            case
                when candidates.has_affinity then concat(
                    round(candidates.lift, 2), ' times what chance gives (',
                    round(candidates.lift_low, 2), ' to ', round(candidates.lift_high, 2), ')'
                )
                else 'the base rate: no affinity shown'
            end
        ) as reason,
        cast(null as date) as due_date,
        candidates.product_line_b as product_line,
        {{ money('candidates.annual_revenue_amount * margins.margin_rate') }} as base_amount,
        candidates.confidence_rate as rate,
        candidates.customer_count_a as rate_customer_count,
        'co_ownership' as value_basis,
        'mean annual revenue of an owner of the line × margin rate × share of owners who have both'
            as value_formula
    from candidates
    cross join margins
    where candidates.candidate_rank = 1
)

select * from final
