-- Grain: one row per customer_id of the customer system
with

customers as (select * from {{ ref('stg_crm__customers') }}),

resolved as (select * from {{ ref('int_customers__canonical') }}),

final as (
    select
        resolved.customer_key,
        customers.customer_id,
        resolved.canonical_customer_id,
        customers.source_system,
        customers.name,
        customers.email,
        customers.phone,
        customers.is_deleted
    from customers
    inner join resolved
        on resolved.customer_id = customers.customer_id
)

select * from final
