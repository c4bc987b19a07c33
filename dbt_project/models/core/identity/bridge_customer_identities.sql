-- Grain: one row per source system and identity (a record of the customer system, or a reference)
with

identifiers as (select * from {{ ref('int_customer_identifiers__unioned') }}),

matched as (select * from {{ ref('int_customer_identifiers__matched') }}),

customers as (select * from {{ ref('stg_crm__customers') }}),

canonical as (select * from {{ ref('int_customers__canonical') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

identities as (
    select
        'record' as identity_kind,
        customers.source_system,
        customers.customer_id as identity,
        canonical.customer_key,
        canonical.identity_rule,
        canonical.confidence
    from customers
    inner join canonical
        on canonical.customer_id = customers.customer_id

    union all

    select
        'reference' as identity_kind,
        identifiers.source_system,
        identifiers.reference_key as identity,
        matched.customer_key,
        matched.identity_rule,
        matched.confidence
    from identifiers
    inner join matched
        on matched.reference_key = identifiers.reference_key
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
