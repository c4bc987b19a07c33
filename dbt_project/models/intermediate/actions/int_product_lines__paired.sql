-- Grain: one row per kind of customer, line level, ordered pair of lines and stratum with owners of B
{%- set stratum = [
    'customer_kind', 'line_level', 'product_line_a', 'other_sale_count', 'contract_years',
] %}
with

owned as (select * from {{ ref('int_product_lines__owned') }}),

holders as (select * from {{ ref('int_product_lines__owned') }} where is_common),

lines as (select distinct customer_kind, line_level, product_line from holders),

profiles as (
    select distinct customer_key, customer_kind, line_level, all_sale_count, contract_years
    from owned
),

-- A customer's stratum is what they bought beside A: what they bought of A took no chance from B.
-- So the owners of A leave the stratum of all they bought and count in that of the rest.
counted as (
    select
        lines.product_line as product_line_a,
        cast(null as {{ dbt.type_string() }}) as product_line_b,
        profiles.customer_kind,
        profiles.line_level,
        profiles.all_sale_count as other_sale_count,
        profiles.contract_years,
        count(*) as customer_count,
        0 as owner_count
    from profiles
    inner join lines
        on lines.customer_kind = profiles.customer_kind
        and lines.line_level = profiles.line_level
    group by lines.product_line, profiles.customer_kind, profiles.line_level,
        profiles.all_sale_count, profiles.contract_years
    union all
    select
        lines.product_line,
        holders.product_line,
        holders.customer_kind,
        holders.line_level,
        holders.all_sale_count,
        holders.contract_years,
        count(*),
        0
    from holders
    inner join lines
        on lines.customer_kind = holders.customer_kind
        and lines.line_level = holders.line_level
        and lines.product_line <> holders.product_line
    group by lines.product_line, holders.product_line, holders.customer_kind, holders.line_level,
        holders.all_sale_count, holders.contract_years
    {% for sales, change, owner in [('all', -1, 0), ('other', 1, 1)] %}
    union all
    select product_line, null, customer_kind, line_level, {{ sales }}_sale_count, contract_years,
        {{ change }}, {{ owner }}
    from holders
    union all
    select one.product_line, two.product_line, one.customer_kind, one.line_level,
        one.{{ sales }}_sale_count, one.contract_years, {{ change }}, {{ owner }}
    from holders as one
    inner join holders as two
        on two.customer_key = one.customer_key
        and two.line_level = one.line_level
        and two.product_line <> one.product_line
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
