-- Grain: one row per satisfied customer and line level of which they have one line
with

owned as (select * from {{ ref('int_product_lines__owned') }}),

health as (select * from {{ ref('fct_customer_health') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

single_line as (
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

final as (
    select
        single_line.customer_key,
        single_line.customer_kind,
        single_line.line_level,
        single_line.product_line,
        single_line.contract_category,
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
)

select * from final
