-- Grain: one row per customer_id of the customer system
with

customers as (select * from {{ ref('stg_crm__customers') }}),

hops_1 as (
    select
        customers.customer_id,
        coalesce(target.customer_id, customers.customer_id) as end_id
    from customers
    left join customers as target
        on target.customer_id = customers.merged_into_customer_id
),

-- Merges form chains. Each doubling follows twice as many of them: eight hops in three joins.
{% for hops in [2, 4, 8] %}
hops_{{ hops }} as (
    select
        near.customer_id,
        far.end_id
    from hops_{{ hops // 2 }} as near
    inner join hops_{{ hops // 2 }} as far
        on far.customer_id = near.end_id
),
{% endfor %}
-- Where the chain has not ended it is a circle (or too long to be meant): the record stays itself.
final as (
    select
        hops_8.customer_id,
        case when hops_1.end_id = hops_8.end_id then hops_8.end_id else hops_8.customer_id end
            as end_id
    from hops_8
    inner join hops_1
        on hops_1.customer_id = hops_8.end_id
)

select * from final
