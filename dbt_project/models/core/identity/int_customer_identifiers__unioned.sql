-- Grain: one row per source system and reference triple (id, e-mail, domain) of any entity
with

transactions as (select * from {{ ref('stg_crm__transactions') }}),

interactions as (select * from {{ ref('stg_crm__interactions') }}),

programme_enrolments as (select * from {{ ref('stg_crm__programme_enrolments') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

survey_invitations as (select * from {{ ref('stg_survey__survey_invitations') }}),

survey_responses as (select * from {{ ref('stg_survey__survey_responses') }}),

contracts as (select * from {{ ref('stg_crm__contracts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Duplicates leave here, before the key is computed: there are few triples and many rows.
identifiers as (
    {% for entity, event_at in {
        'transactions': 'occurred_at',
        'interactions': 'occurred_at',
        'programme_enrolments': 'enrolled_at',
        'tickets': 'created_at',
        'survey_invitations': 'sent_at',
        'survey_responses': 'answered_at',
    }.items() %}
    select
        source_system,
        nullif(trim(customer_id), '') as customer_id,
        {{ normalised('customer_email') }} as customer_email,
        {{ normalised('customer_domain') }} as customer_domain,
        min({{ event_at }}) as first_event_at,
        cast(null as date) as first_event_date,
        {{ "'transaction'" if entity == 'transactions' else 'cast(null as varchar)' }} as bought_by
    from {{ entity }}
    group by 1, 2, 3, 4

    union all
    {% endfor %}
    -- A date has no time zone: it is the day it says.
    select
        source_system,
        nullif(trim(customer_id), '') as customer_id,
        {{ normalised('customer_email') }} as customer_email,
        {{ normalised('customer_domain') }} as customer_domain,
        cast(null as timestamp) as first_event_at,
        min(least(start_date, coalesce(signed_date, start_date))) as first_event_date,
        'contract' as bought_by
    from contracts
    group by 1, 2, 3, 4
),

dated as (
    select
        identifiers.source_system,
        identifiers.customer_id,
        identifiers.customer_email,
        identifiers.customer_domain,
        coalesce(
            identifiers.first_event_date,
            cast({{ to_local('identifiers.first_event_at', 'run_parameters.time_zone') }} as date)
        ) as first_event_date,
        identifiers.bought_by
    from identifiers
    cross join run_parameters
),

final as (
    select
        source_system,
        {{ reference_key() }} as reference_key,
        customer_id,
        customer_email,
        customer_domain,
        min(first_event_date) as first_event_date,
        min(bought_by) as bought_by
    from dated
    group by 1, 2, 3, 4, 5
)

select * from final
