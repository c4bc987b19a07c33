-- Grain: one row per ticket, the matter it is about and whether it repeats a contact on it
with

tickets as (select * from {{ ref('stg_support__tickets') }}),

attributed as (select * from {{ ref('int_tickets__customers') }}),

settings as (
    select coalesce({{ setting('repeat_contact_days', 'int') }}, 7) as repeat_contact_days
    from {{ ref('analyst_settings') }}
),

-- The desk's own link to a problem goes before product and type. Tags are left out: beside the
-- subject they hold languages, priorities and whatever a rule of the desk put there.
described as (
    select
        ticket_id,
        {{ normalised('problem_id') }} as problem,
        {{ normalised('product') }} as product,
        {{ normalised('ticket_type') }} as ticket_type
    from tickets
),

named as (
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
    from described
),

sequenced as (
    select
        named.ticket_id,
        named.matter_basis,
        named.matter,
        named.matter is not null and attributed.customer_key <> 'unknown' as is_comparable,
        {{ days_between(
            'lag(attributed.opened_date) over matter_of_customer', 'attributed.opened_date'
        ) }} as days_since_contact
    from named
    inner join attributed
        on attributed.ticket_id = named.ticket_id
    window matter_of_customer as (
        partition by attributed.customer_key, named.matter
        order by attributed.created_at, named.ticket_id
    )
),

final as (
    select
        sequenced.ticket_id,
        sequenced.matter_basis,
        sequenced.matter,
        case
            when sequenced.is_comparable
                then coalesce(sequenced.days_since_contact <= settings.repeat_contact_days, false)
        end as is_repeat_contact
    from sequenced
    cross join settings
)

select * from final
