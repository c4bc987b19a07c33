-- Grain: one row per kind of customer, line level and ordered pair of lines: both, and by chance
with

owned as (select * from {{ ref('int_product_lines__owned') }}),

paired as (select * from {{ ref('int_product_lines__pairs') }}),

-- Kind by kind: what is sold to organisations alone would go together in any mix with persons.
wholes as (
    select
        customer_kind,
        line_level,
        count(distinct customer_key) as customer_count
    from owned
    group by customer_kind, line_level
),

lines as (
    select
        customer_kind,
        line_level,
        product_line,
        count(*) as customer_count
    from owned
    group by customer_kind, line_level, product_line
),

-- Mantel and Haenszel: in each stratum as many owners as there are, drawn at random.
summed as (
    select
        customer_kind,
        line_level,
        product_line_a,
        product_line_b,
        cast(sum(customer_count_both) as bigint) as customer_count_both,
        round({{ exact_sum(
            ratio('customer_count_a * customer_count_b', 'customer_count')
        ) }}, 10)
            as expected_both,
        round({{ exact_sum('coalesce('
            ~ ratio('cast(customer_count_a as double) * (customer_count - customer_count_a)'
                ~ ' * customer_count_b * (customer_count - customer_count_b)',
                'power(customer_count, 2) * (customer_count - 1)') ~ ', 0)'
        ) }}, 10) as variance_both
    from paired
    group by customer_kind, line_level, product_line_a, product_line_b
),

-- Where everybody has one of the two, chance leaves no other number: no interval.
final as (
    select
        summed.customer_kind,
        summed.line_level,
        summed.product_line_a,
        summed.product_line_b,
        wholes.customer_count,
        line_a.customer_count as customer_count_a,
        line_b.customer_count as customer_count_b,
        summed.customer_count_both,
        summed.expected_both,
        case when summed.variance_both > 0 then sqrt(summed.variance_both) end as error_both
    from summed
    inner join wholes
        on wholes.customer_kind = summed.customer_kind
        and wholes.line_level = summed.line_level
    {% for line in ['a', 'b'] %}
    inner join lines as line_{{ line }}
        on line_{{ line }}.customer_kind = summed.customer_kind
        and line_{{ line }}.line_level = summed.line_level
        and line_{{ line }}.product_line = summed.product_line_{{ line }}
    {% endfor %}
)

select * from final
