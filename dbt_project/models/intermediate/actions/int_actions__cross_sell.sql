-- Grain: one row per satisfied customer with one product line and another that fits
with

owned as (select * from {{ ref('int_product_lines__owned') }}),

affinity as (select * from {{ ref('fct_product_affinity') }}),

health as (select * from {{ ref('fct_customer_health') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

settings as (
    select {{ setting('rate_minimum_customers', 'int') }} as minimum_customers
    from {{ ref('analyst_settings') }}
),

margins as (
    select {{ ratio('sum(gross_margin_12m_amount)',
        'sum(net_revenue_12m_amount) filter (where gross_margin_12m_amount is not null)') }}
        as margin_rate
    from returns
),

line_values as (
    select
        customer_kind,
        product_category,
        avg(annual_revenue_amount) as annual_revenue_amount
    from owned
    where is_owned_now
    group by customer_kind, product_category
),

single_line as (
    select
        customer_key,
        customer_kind,
        min(product_category) as product_category
    from owned
    where is_owned_now
    group by customer_key, customer_kind
    having count(*) = 1
),

satisfied as (
    select
        single_line.customer_key,
        single_line.customer_kind,
        single_line.product_category,
        returns.latest_nps_class,
        health.health_score
    from single_line
    inner join health
        on health.customer_key = single_line.customer_key
        and health.is_as_of_date
    inner join returns
        on returns.customer_key = single_line.customer_key
    where coalesce(returns.latest_nps_class, '') <> 'detractor'
        and (returns.latest_nps_class = 'promoter' or health.health_band = 'healthy')
),

-- What enough owners of the one have too, and not surely fewer than chance gives. Lift above 1 is
-- not asked for: where everybody begins with one line there is none. What was had and given up is
-- no candidate.
candidates as (
    select
        satisfied.*,
        affinity.product_category_b,
        affinity.confidence_rate,
        affinity.customer_count_a,
        row_number() over (
            partition by satisfied.customer_key
            order by affinity.confidence_rate desc, affinity.product_category_b
        ) as candidate_rank
    from satisfied
    cross join settings
    inner join affinity
        on affinity.customer_kind = satisfied.customer_kind
        and affinity.product_category_a = satisfied.product_category
        and affinity.customer_count_both >= settings.minimum_customers
        and affinity.confidence_rate_high >= affinity.share_b_rate
    left join owned
        on owned.customer_key = satisfied.customer_key
        and owned.product_category = affinity.product_category_b
    where owned.customer_key is null
),

final as (
    select
        candidates.customer_key,
        'expandable' as action_trigger,
        concat(
            case when candidates.latest_nps_class = 'promoter' then 'promoter'
                else concat('healthy, ', cast(round(candidates.health_score) as bigint)) end,
            ', has only ', candidates.product_category, '; ',
            cast(round(100 * candidates.confidence_rate) as bigint),
            ' % of its owners have had ', candidates.product_category_b, ' too'
        ) as reason,
        cast(null as date) as due_date,
        candidates.product_category_b as object_id,
        {{ money('line_values.annual_revenue_amount * margins.margin_rate') }} as base_amount,
        candidates.confidence_rate as rate,
        candidates.customer_count_a as rate_customer_count,
        'owners_have_both' as value_basis,
        'mean annual revenue of an owner of the line × margin rate × share of owners who have both'
            as value_formula
    from candidates
    cross join margins
    left join line_values
        on line_values.customer_kind = candidates.customer_kind
        and line_values.product_category = candidates.product_category_b
    where candidates.candidate_rank = 1
)

select * from final
