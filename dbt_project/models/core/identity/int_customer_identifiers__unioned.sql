-- Grain: one row per source system and reference triple (id, e-mail, domain) of any entity
{%- set entities = {
    'stg_crm__transactions': 'occurred_at',
    'stg_crm__interactions': 'occurred_at',
    'stg_crm__programme_enrolments': 'enrolled_at',
    'stg_support__tickets': 'created_at',
    'stg_survey__survey_invitations': 'sent_at',
    'stg_survey__survey_responses': 'answered_at',
} %}
with

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Duplicates leave here, before the key is computed: there are few triples and many rows.
collected as (
    {% for entity, event_at in entities.items() %}
    select
        source_system,
        nullif(trim(customer_id), '') as customer_id,
        {{ normalised('customer_email') }} as customer_email,
        {{ normalised('customer_domain') }} as customer_domain,
        cast({{ to_local('min(' ~ event_at ~ ')', 'max(run_parameters.time_zone)') }} as date)
            as first_event_date
    from {{ ref(entity) }}
    cross join run_parameters
    group by 1, 2, 3, 4

    union all
    {% endfor %}
    -- A date has no time zone: it is the day it says.
    select
        source_system,
        nullif(trim(customer_id), '') as customer_id,
        {{ normalised('customer_email') }} as customer_email,
        {{ normalised('customer_domain') }} as customer_domain,
        min(least(start_date, coalesce(signed_date, start_date))) as first_event_date
    from {{ ref('stg_crm__contracts') }}
    group by 1, 2, 3, 4
),

final as (
    select
        source_system,
        {{ reference_key() }} as reference_key,
        customer_id,
        customer_email,
        customer_domain,
        min(first_event_date) as first_event_date
    from collected
    group by 1, 2, 3, 4, 5
)

select * from final
