-- Grain: one row per touch, of whatever source
{{ config(materialized='view') }}
with

interactions as (select * from {{ ref('stg_crm__interactions') }}),

customers as (select * from {{ ref('int_customer_references__resolved') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

messages as (select * from {{ ref('int_ticket_messages__public') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

final as (
    select
        'interactions' as source_entity,
        interactions.interaction_id as source_id,
        coalesce(customers.customer_key, 'unknown') as customer_key,
        interactions.occurred_at,
        {{ normalised('interactions.channel') }} as channel,
        interactions.interaction_kind,
        interactions.touchpoint,
        interactions.journey_stage,
        interactions.direction,
        interactions.object,
        interactions.object_category,
        cast(null as {{ dbt.type_string() }}) as ticket_id,
        interactions.duration_seconds,
        coalesce(interactions.quantity, 1) as quantity
    from interactions
    left join customers
        on customers.reference_key = {{ reference_key('interactions') }}

    union all

    select
        'tickets', ticket_id, customer_key, created_at, channel, 'ticket_opened', 'support_ticket',
        'support', 'inbound', product, null, ticket_id, null, 1
    from tickets

    union all

    select
        'ticket_events', messages.event_id, tickets.customer_key, messages.occurred_at,
        tickets.channel,
        case when messages.actor_kind = 'agent' then 'ticket_reply' else 'ticket_message' end,
        'support_ticket', 'support',
        case when messages.actor_kind = 'agent' then 'outbound' else 'inbound' end,
        tickets.product, null, messages.ticket_id, messages.handle_seconds, 1
    from messages
    inner join tickets
        on tickets.ticket_id = messages.ticket_id

    union all

    select
        'survey_responses', response_id, customer_key, answered_at, {{ normalised('channel') }},
        'survey_answer', touchpoint, case when ticket_id is not null then 'support' end, 'inbound',
        null, null, ticket_id, null, 1
    from responses

    union all

    select
        'transactions', transaction_id, customer_key, occurred_at, {{ normalised('channel') }},
        'purchase', 'purchase', 'purchase', 'inbound', product, product_category, null, null,
        quantity
    from transactions
    where transaction_kind = 'sale'
)

select * from final
