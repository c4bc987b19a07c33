-- Grain: one row per kind of customer, line level and ordered pair of lines: both, and by chance
{{ config(materialized='view') }}
with

owned as (select * from {{ ref('int_product_lines__owned') }}),

common_lines as (select * from {{ ref('int_product_lines__owned') }} where is_common),

lines as (select distinct customer_kind, line_level, product_line from common_lines),

-- Each customer once without a line, and once for each common line they have.
customers as (
    select distinct customer_key, customer_kind, line_level, all_sale_count, contract_years,
        cast(null as {{ dbt.type_string() }}) as product_line
    from owned

    union all

    select customer_key, customer_kind, line_level, all_sale_count, contract_years, product_line
    from common_lines
),

-- All customers, in the stratum of all they bought.
all_customers as (
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
),

owners as (
    select
        common_lines.product_line as product_line_a,
        customers.product_line as product_line_b,
        common_lines.customer_kind,
        common_lines.line_level,
        common_lines.all_sale_count,
        common_lines.other_sale_count,
        common_lines.contract_years
    from common_lines
    inner join customers
        on customers.customer_key = common_lines.customer_key
        and customers.line_level = common_lines.line_level
        and coalesce(customers.product_line <> common_lines.product_line, true)
),

-- A customer's stratum is what they bought beside A, as purchases of A leave B no chance. So the
-- owners of A are taken out of the stratum of all they bought and put into that of the rest.
counts as (
    select
        product_line_a, product_line_b, customer_kind, line_level, other_sale_count, contract_years,
        customer_count, owner_count
    from all_customers

    union all

    select
        product_line_a, product_line_b, customer_kind, line_level, all_sale_count, contract_years,
        -1 as customer_count, 0 as owner_count
    from owners

    union all

    select
        product_line_a, product_line_b, customer_kind, line_level, other_sale_count, contract_years,
        1 as customer_count, 1 as owner_count
    from owners
),

-- product_line_b is NULL in the row of the stratum as a whole.
stratum_counts as (
    select
        customer_kind,
        line_level,
        product_line_a,
        other_sale_count,
        contract_years,
        product_line_b,
        cast(sum(customer_count) as bigint) as customer_count,
        cast(sum(owner_count) as bigint) as owner_count
    from counts
    group by
        customer_kind, line_level, product_line_a, other_sale_count, contract_years, product_line_b
),

strata as (
    select
        strata_of_a.customer_kind,
        strata_of_a.line_level,
        strata_of_a.product_line_a,
        owners_of_b.product_line_b,
        strata_of_a.customer_count,
        strata_of_a.owner_count as customer_count_a,
        owners_of_b.customer_count as customer_count_b,
        owners_of_b.owner_count as customer_count_both
    from stratum_counts as strata_of_a
    inner join stratum_counts as owners_of_b
        on owners_of_b.product_line_b is not null
        and owners_of_b.customer_kind = strata_of_a.customer_kind
        and owners_of_b.line_level = strata_of_a.line_level
        and owners_of_b.product_line_a = strata_of_a.product_line_a
        and owners_of_b.other_sale_count = strata_of_a.other_sale_count
        and owners_of_b.contract_years = strata_of_a.contract_years
    where strata_of_a.product_line_b is null
        and owners_of_b.customer_count > 0
),

-- Mantel and Haenszel: expectation and variance of the number with both in each stratum, where as
-- many owners of each line as there are are drawn at random.
chance as (
    select
        *,
        {{ ratio('customer_count_a * customer_count_b', 'customer_count') }} as expected_both,
        coalesce({{ ratio(
            'cast(customer_count_a as double) * (customer_count - customer_count_a)
                * customer_count_b * (customer_count - customer_count_b)',
            'power(customer_count, 2) * (customer_count - 1)'
        ) }}, 0) as variance_both
    from strata
),

pairs as (
    select
        customer_kind,
        line_level,
        product_line_a,
        product_line_b,
        cast(sum(customer_count_both) as bigint) as customer_count_both,
        round({{ exact_sum('expected_both') }}, 10) as expected_both,
        round({{ exact_sum('variance_both') }}, 10) as variance_both
    from chance
    group by customer_kind, line_level, product_line_a, product_line_b
),

-- By kind of customer: lines sold to organisations alone would go together in any mix with persons.
kind_totals as (
    select
        customer_kind,
        line_level,
        count(distinct customer_key) as customer_count
    from owned
    group by customer_kind, line_level
),

line_totals as (
    select
        customer_kind,
        line_level,
        product_line,
        count(*) as customer_count
    from owned
    group by customer_kind, line_level, product_line
),

-- Where everybody has one of the two, chance leaves one number alone: no error.
final as (
    select
        pairs.customer_kind,
        pairs.line_level,
        pairs.product_line_a,
        pairs.product_line_b,
        kind_totals.customer_count,
        line_a.customer_count as customer_count_a,
        line_b.customer_count as customer_count_b,
        pairs.customer_count_both,
        pairs.expected_both,
        case when pairs.variance_both > 0 then sqrt(pairs.variance_both) end as error_both
    from pairs
    inner join kind_totals
        on kind_totals.customer_kind = pairs.customer_kind
        and kind_totals.line_level = pairs.line_level
    inner join line_totals as line_a
        on line_a.customer_kind = pairs.customer_kind
        and line_a.line_level = pairs.line_level
        and line_a.product_line = pairs.product_line_a
    inner join line_totals as line_b
        on line_b.customer_kind = pairs.customer_kind
        and line_b.line_level = pairs.line_level
        and line_b.product_line = pairs.product_line_b
)

select * from final
