-- Grain: one row per answer with a comment, and the names its customer goes by as a pattern
with

survey_responses as (select * from {{ ref('stg_survey__survey_responses') }}),

customers as (select * from {{ ref('stg_crm__customers') }}),

resolved as (select * from {{ ref('int_customers__canonical') }}),

patterns as (
    select
        customer_id,
        {{ normalised('email') }} as email,
        {{ name_pattern('name', "customer_kind = 'person'") }} as name_pattern
    from customers
    where name is not null
),

-- An address shared by several records: one of them, the same one every night.
by_email as (
    select email, min(name_pattern) as name_pattern
    from patterns
    where email is not null
    group by 1
),

final as (
    select
        survey_responses.response_id,
        nullif(
            concat_ws(
                '|', own.name_pattern, account.name_pattern, by_email.name_pattern
            ),
            ''
        ) as name_pattern
    from survey_responses
    left join patterns as own
        on own.customer_id = survey_responses.customer_id
    left join resolved
        on resolved.customer_id = survey_responses.customer_id
    left join patterns as account
        on account.customer_id = resolved.canonical_customer_id
        and account.customer_id <> survey_responses.customer_id
    left join by_email
        on by_email.email = {{ normalised('survey_responses.customer_email') }}
    where survey_responses.comment is not null
)

select * from final
