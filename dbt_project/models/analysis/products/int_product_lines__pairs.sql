-- Grain: one row per kind of customer, line level, ordered pair of lines and stratum with B owned
{%- set stratum = [
    'customer_kind', 'line_level', 'product_line_a', 'other_sale_count', 'contract_years',
] %}
with

owned as (select * from {{ ref('int_product_lines__owned') }}),

holders as (select * from {{ ref('int_product_lines__owned') }} where is_common),

lines as (select distinct customer_kind, line_level, product_line from holders),

-- Each customer once for themselves (no line) and once for each line they have.
customers as (
    select distinct customer_key, customer_kind, line_level, all_sale_count, contract_years,
        cast(null as {{ dbt.type_string() }}) as product_line
    from owned

    union all

    select customer_key, customer_kind, line_level, all_sale_count, contract_years, product_line
    from holders
),

-- A customer's stratum is what they bought beside A: what they bought of A took no chance from B.
-- So the owners of A leave the stratum of all they bought and count in that of the rest.
counted as (
    select
        lines.product_line as product_line_a,
        customers.product_line as product_line_b,
        customers.customer_kind,
        customers.line_level,
        customers.all_sale_count as other_sale_count,
        customers.contract_years,
        count(*) as customer_count,
        0 as owner_count
    from customers
    inner join lines
        on lines.customer_kind = customers.customer_kind
        and lines.line_level = customers.line_level
        and coalesce(lines.product_line <> customers.product_line, true)
    group by
        lines.product_line,
        customers.product_line,
        customers.customer_kind,
        customers.line_level,
        customers.all_sale_count,
        customers.contract_years
    {% for sales, change, owner in [('all', -1, 0), ('other', 1, 1)] %}

    union all

    select
        holders.product_line as product_line_a,
        customers.product_line as product_line_b,
        holders.customer_kind,
        holders.line_level,
        holders.{{ sales }}_sale_count,
        holders.contract_years,
        {{ change }} as customer_count,
        {{ owner }} as owner_count
    from holders
    inner join customers
        on customers.customer_key = holders.customer_key
        and customers.line_level = holders.line_level
        and coalesce(customers.product_line <> holders.product_line, true)
    {% endfor %}
),

strata as (
    select
        {{ stratum | join(', ') }},
        product_line_b,
        cast(sum(customer_count) as bigint) as customer_count,
        cast(sum(owner_count) as bigint) as owner_count
    from counted
    group by {{ stratum | join(', ') }}, product_line_b
),

final as (
    select
        {% for column in stratum %}
        strata.{{ column }},
        {% endfor %}
        pairs.product_line_b,
        strata.customer_count,
        strata.owner_count as customer_count_a,
        pairs.customer_count as customer_count_b,
        pairs.owner_count as customer_count_both
    from strata
    inner join strata as pairs
        on pairs.product_line_b is not null
        {% for column in stratum %}
        and pairs.{{ column }} = strata.{{ column }}
        {% endfor %}
    where strata.product_line_b is null
        and pairs.customer_count > 0
)

select * from final
