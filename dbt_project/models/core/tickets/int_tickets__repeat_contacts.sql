-- Grain: one row per ticket, the matter it is about and whether it repeats a contact on it
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

ticket_customers as (select * from {{ ref('int_tickets__customers') }}),

settings as (select * from {{ ref('int_settings') }}),

-- The desk's own link to a problem goes before product and type. Tags are not used: besides the
-- subject they hold languages, priorities and whatever a rule of the desk put there.
normalised_fields as (
    select
        ticket_id,
        {{ normalised('problem_id') }} as problem,
        {{ normalised('product') }} as product,
        {{ normalised('ticket_type') }} as ticket_type
    from tickets
),

matters as (
    select
        ticket_id,
        case
            when problem is not null then 'problem'
            when product is not null and ticket_type is not null then 'product_and_type'
            when product is not null then 'product'
            when ticket_type is not null then 'type'
            else 'unknown'
        end as matter_basis,
        case
            when problem is not null then concat('problem ', problem)
            when coalesce(product, ticket_type) is not null
                then concat(coalesce(product, '?'), ' / ', coalesce(ticket_type, '?'))
        end as matter
    from normalised_fields
),

contacts as (
    select
        matters.ticket_id,
        matters.matter_basis,
        matters.matter,
        matters.matter is not null and ticket_customers.customer_key <> 'unknown' as is_comparable,
        {{ days_between(
            'lag(ticket_customers.opened_date) over matter_of_customer',
            'ticket_customers.opened_date'
        ) }} as days_since_contact
    from matters
    inner join ticket_customers
        on ticket_customers.ticket_id = matters.ticket_id
    window matter_of_customer as (
        partition by ticket_customers.customer_key, matters.matter
        order by ticket_customers.created_at, matters.ticket_id
    )
),

final as (
    select
        contacts.ticket_id,
        contacts.matter_basis,
        contacts.matter,
        case
            when contacts.is_comparable
                then coalesce(contacts.days_since_contact <= settings.repeat_contact_days, false)
        end as is_repeat_contact
    from contacts
    cross join settings
)

select * from final
