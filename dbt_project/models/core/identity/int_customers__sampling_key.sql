-- Grain: one row per customer
{{ config(materialized='view') }}
with

canonical as (select * from {{ ref('int_customers__canonical') }}),

matched as (select * from {{ ref('int_customer_identifiers__matched') }}),

-- Hash the id and not the key: the key differs between installations, so the sample would too.
final as (
    select
        customer_key,
        md5(min(canonical_customer_id)) as draw_key
    from canonical
    group by customer_key

    union all

    select
        customer_key,
        md5(min(reference_key)) as draw_key
    from matched
    where identity_rule in ('inferred_from_id', 'inferred_from_email')
    group by customer_key
)

select * from final
