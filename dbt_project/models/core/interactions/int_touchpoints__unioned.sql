-- Grain: one row per touch, of whatever source
{{ config(materialized='view') }}
with

interactions as (select * from {{ ref('stg_crm__interactions') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

support as (select * from {{ ref('int_touchpoints__support') }}),

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
        source_entity,
        source_id,
        customer_key,
        occurred_at,
        channel,
        interaction_kind,
        'support_ticket' as touchpoint,
        'support' as journey_stage,
        direction,
        object,
        null as object_category,
        ticket_id,
        duration_seconds,
        1 as quantity
    from support

    union all

    select
        'survey_responses' as source_entity,
        response_id as source_id,
        customer_key,
        answered_at as occurred_at,
        {{ normalised('channel') }} as channel,
        'survey_answer' as interaction_kind,
        touchpoint,
        case when touchpoint = 'support_ticket' then 'support' end as journey_stage,
        'inbound' as direction,
        null as object,
        null as object_category,
        ticket_id,
        null as duration_seconds,
        1 as quantity
    from responses

    union all

    select
        'transactions' as source_entity,
        transaction_id as source_id,
        customer_key,
        occurred_at,
        {{ normalised('channel') }} as channel,
        'purchase' as interaction_kind,
        'purchase' as touchpoint,
        'purchase' as journey_stage,
        'inbound' as direction,
        product as object,
        product_category as object_category,
        null as ticket_id,
        null as duration_seconds,
        quantity
    from transactions
    where transaction_kind = 'sale'
)

select * from final
