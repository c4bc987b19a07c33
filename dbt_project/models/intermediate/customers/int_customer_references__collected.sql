-- Grain: one row per source system and reference triple (id, e-mail, domain) of any entity
{%- set entities = [
    'stg_crm__contracts', 'stg_crm__transactions', 'stg_crm__interactions',
    'stg_crm__programme_enrolments', 'stg_support__tickets', 'stg_survey__survey_invitations',
    'stg_survey__survey_responses',
] %}
with

-- Duplicates leave here, before the key is computed: there are few triples and many rows.
collected as (
    {% for entity in entities %}
    select
        source_system,
        nullif(trim(customer_id), '') as customer_id,
        {{ normalised('customer_email') }} as customer_email,
        {{ normalised('customer_domain') }} as customer_domain
    from {{ ref(entity) }}
    {{ 'union' if not loop.last }}
    {% endfor %}
),

final as (
    select
        source_system,
        {{ reference_key() }} as reference_key,
        customer_id,
        customer_email,
        customer_domain
    from collected
)

select * from final
