-- Grain: one row per source system and identity (a record of the customer system, or a reference)
with

known_references as (select * from {{ ref('int_customer_identifiers__unioned') }}),

resolved_references as (select * from {{ ref('int_customer_identifiers__matched') }}),

customers as (select * from {{ ref('stg_crm__customers') }}),

resolved_customers as (select * from {{ ref('int_customers__canonical') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

identities as (
    select
        'record' as identity_kind,
        customers.source_system,
        customers.customer_id as identity,
        resolved_customers.customer_key,
        resolved_customers.identity_rule,
        resolved_customers.confidence
    from customers
    inner join resolved_customers
        on resolved_customers.customer_id = customers.customer_id

    union all

    select
        'reference' as identity_kind,
        known_references.source_system,
        known_references.reference_key as identity,
        resolved_references.customer_key,
        resolved_references.identity_rule,
        resolved_references.confidence
    from known_references
    inner join resolved_references
        on resolved_references.reference_key = known_references.reference_key
),

final as (
    select
        identities.identity_kind,
        identities.source_system,
        -- Keyed with the secret: the bare hash of an e-mail could be guessed.
        {{ pseudonym('identities.identity', 'run_parameters.pseudonym_key') }} as identity_hash,
        identities.customer_key,
        identities.identity_rule,
        identities.confidence
    from identities
    cross join run_parameters
)

select * from final
