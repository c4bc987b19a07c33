-- Grain: one row per answer to a survey, review, interview or focus group
with

responses as (select * from {{ ref('int_survey_responses__scored') }}),

survey_responses as (select * from {{ ref('stg_survey__survey_responses') }}),

customers as (select * from {{ ref('stg_crm__customers') }}),

canonical as (select * from {{ ref('int_customers__canonical') }}),

names as (
    select
        customer_id,
        {{ normalised('email') }} as email,
        {{ name_pattern('name', "customer_kind = 'person'") }} as name_pattern
    from customers
    where name is not null
),

-- Of several records with one address take one, the same on every run.
names_by_email as (
    select
        email,
        min(name_pattern) as name_pattern
    from names
    where email is not null
    group by email
),

-- Names the customer goes by: its own, that of its account, and that of the address it answered
-- from. A table of them would be one more place with personal data.
comments as (
    select
        survey_responses.response_id,
        nullif(
            concat_ws(
                '|', own.name_pattern, account.name_pattern, names_by_email.name_pattern
            ),
            ''
        ) as name_pattern
    from survey_responses
    left join names as own
        on own.customer_id = survey_responses.customer_id
    left join canonical
        on canonical.customer_id = survey_responses.customer_id
    left join names as account
        on account.customer_id = canonical.canonical_customer_id
        and account.customer_id <> survey_responses.customer_id
    left join names_by_email
        on names_by_email.email = {{ normalised('survey_responses.customer_email') }}
    where survey_responses.comment is not null
),

final as (
    select
        responses.response_id,
        responses.survey_id,
        responses.customer_key,
        responses.ticket_id,
        responses.invitation_id,
        responses.source_system,
        responses.answered_at,
        responses.business_date,
        cast(date_trunc('month', responses.business_date) as date) as month_date,
        responses.survey_kind,
        responses.survey_scope,
        responses.feedback_source,
        responses.channel,
        responses.touchpoint,
        responses.language,
        responses.scale_min,
        responses.scale_max,
        responses.is_higher_better,
        responses.score,
        responses.is_valid_score,
        responses.score_normalised,
        responses.nps_class,
        responses.is_csat_good,
        responses.is_low_effort,
        {{ scrubbed('responses.comment', 'comments.name_pattern') }} as comment,
        length(trim(coalesce(responses.comment, ''))) > 0 as has_comment,
        responses.is_complete,
        responses.followed_up_at
    from responses
    left join comments
        on comments.response_id = responses.response_id
)

select * from final
