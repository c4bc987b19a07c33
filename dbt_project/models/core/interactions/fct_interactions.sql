-- Grain: one row per touch between customer and company, over all channels and tools
with

interactions as (select * from {{ ref('stg_crm__interactions') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

ticket_events as (select * from {{ ref('int_ticket_events__enriched') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

touchpoints as (
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
        'tickets' as source_entity,
        ticket_id as source_id,
        customer_key,
        created_at as occurred_at,
        channel,
        'ticket_opened' as interaction_kind,
        'support_ticket' as touchpoint,
        'support' as journey_stage,
        'inbound' as direction,
        product as object,
        null as object_category,
        ticket_id,
        null as duration_seconds,
        1 as quantity
    from tickets

    union all

    -- The comment that opened a ticket is the ticket; notes inside the desk reach no customer.
    select
        'ticket_events' as source_entity,
        ticket_events.event_id as source_id,
        tickets.customer_key,
        ticket_events.occurred_at,
        tickets.channel,
        case when ticket_events.actor_kind = 'agent' then 'ticket_reply' else 'ticket_message' end
            as interaction_kind,
        'support_ticket' as touchpoint,
        'support' as journey_stage,
        case when ticket_events.actor_kind = 'agent' then 'outbound' else 'inbound' end
            as direction,
        tickets.product as object,
        null as object_category,
        ticket_events.ticket_id,
        ticket_events.handle_seconds as duration_seconds,
        1 as quantity
    from ticket_events
    inner join tickets
        on tickets.ticket_id = ticket_events.ticket_id
    where ticket_events.event_kind = 'comment'
        and ticket_events.is_public
        and ticket_events.actor_kind in ('agent', 'customer')
        and ticket_events.occurred_at > ticket_events.ticket_created_at

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
),

dated as (
    select
        touchpoints.*,
        cast({{ to_local('touchpoints.occurred_at', 'run_parameters.time_zone') }} as date)
            as business_date
    from touchpoints
    cross join run_parameters
),

final as (
    select
        source_entity,
        source_id,
        customer_key,
        occurred_at,
        business_date,
        cast(date_trunc('month', business_date) as date) as month_date,
        channel,
        interaction_kind,
        touchpoint,
        journey_stage,
        direction,
        object,
        object_category,
        ticket_id,
        duration_seconds,
        quantity
    from dated
)

select * from final
