-- Grain: one row per kind of customer and ordered pair of product lines
with

owned as (select * from {{ ref('int_product_lines__owned') }}),

settings as (
    select {{ setting('rate_minimum_customers', 'int') }} as minimum_customers
    from {{ ref('analyst_settings') }}
),

-- Kind by kind: what is sold to organisations alone would go together in any mix with persons.
wholes as (
    select
        customer_kind,
        count(distinct customer_key) as customer_count
    from owned
    group by customer_kind
),

lines as (
    select
        customer_kind,
        product_category,
        count(*) as customer_count
    from owned
    group by customer_kind, product_category
),

together as (
    select
        one.customer_kind,
        one.product_category as product_category_a,
        other.product_category as product_category_b,
        count(*) as customer_count_both
    from owned as one
    inner join owned as other
        on other.customer_key = one.customer_key
        and other.product_category <> one.product_category
    group by one.customer_kind, one.product_category, other.product_category
),

paired as (
    select
        line_a.customer_kind,
        line_a.product_category as product_category_a,
        line_b.product_category as product_category_b,
        wholes.customer_count,
        line_a.customer_count as customer_count_a,
        line_b.customer_count as customer_count_b,
        coalesce(together.customer_count_both, 0) as customer_count_both,
        line_a.customer_count >= settings.minimum_customers
            and line_b.customer_count >= settings.minimum_customers as is_enough
    from lines as line_a
    inner join lines as line_b
        on line_b.customer_kind = line_a.customer_kind
        and line_b.product_category <> line_a.product_category
    inner join wholes
        on wholes.customer_kind = line_a.customer_kind
    cross join settings
    left join together
        on together.customer_kind = line_a.customer_kind
        and together.product_category_a = line_a.product_category
        and together.product_category_b = line_b.product_category
),

final as (
    select
        customer_kind,
        product_category_a,
        product_category_b,
        customer_count,
        customer_count_a,
        customer_count_b,
        customer_count_both,
        {{ ratio('customer_count_b', 'customer_count') }} as share_b_rate,
        case when is_enough then {{ ratio('customer_count_both', 'customer_count_a') }} end
            as confidence_rate,
        {% for bound, side in [('low', -1), ('high', 1)] %}
        case when is_enough then
            {{ wilson_bound('customer_count_both', 'customer_count_a', side) }}
        end as confidence_rate_{{ bound }},
        {% endfor %}
        case when is_enough then
            {{ ratio('cast(customer_count_both as double) * customer_count',
                'cast(customer_count_a as double) * customer_count_b') }}
        end as lift
    from paired
)

select * from final
