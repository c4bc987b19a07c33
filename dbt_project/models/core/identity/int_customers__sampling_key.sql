-- Grain: one row per customer
{{ config(materialized='view') }}
with

resolved as (select * from {{ ref('int_customers__canonical') }}),

-- By the id, not the key: the key differs between installations, and with it who is drawn.
final as (
    select
        customer_key,
        md5(min(canonical_customer_id)) as draw_key
    from resolved
    group by customer_key
)

select * from final
