-- Grain: one row per customer whose account belongs to another account
{{ config(materialized='view') }}
with

customers as (select * from {{ ref('stg_crm__customers') }}),

canonical as (select * from {{ ref('int_customers__canonical') }}),

owners as (
    select
        canonical.customer_key,
        customers.parent_customer_id
    from canonical
    inner join customers
        on customers.customer_id = canonical.customer_id
    where canonical.customer_id = canonical.canonical_customer_id
        and customers.parent_customer_id is not null
),

hops_1 as (
    select
        owners.customer_key,
        canonical.customer_key as top_key
    from owners
    inner join canonical
        on canonical.customer_id = owners.parent_customer_id
    where canonical.customer_key <> owners.customer_key
),

-- As merges are followed: each doubling goes twice as far. Of a circle each goes round it alike, so
-- that none of them is another's.
{% for hops in [2, 4, 8] %}
hops_{{ hops }} as (
    select
        near.customer_key,
        coalesce(far.top_key, near.top_key) as top_key
    from hops_{{ hops // 2 }} as near
    left join hops_{{ hops // 2 }} as far
        on far.customer_key = near.top_key
),
{% endfor %}
final as (
    select customer_key, top_key as account_key
    from hops_8
)

select * from final
