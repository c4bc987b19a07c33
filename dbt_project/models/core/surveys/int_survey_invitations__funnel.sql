-- Grain: one row per survey sent, how far the customer went
with

invitations as (select * from {{ ref('stg_survey__survey_invitations') }}),

responses as (select * from {{ ref('int_survey_responses__scored') }}),

surveys as (select * from {{ ref('stg_survey__surveys') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

answered as (
    select
        invitation_id,
        max(case when is_valid_score then 1 else 0 end) as is_scored
    from responses
    where invitation_id is not null
    group by 1
),

-- A later step implies the earlier ones, whether or not the tool recorded them.
steps as (
    select
        invitations.invitation_id,
        invitations.survey_id,
        coalesce(customers.customer_key, 'unknown') as customer_key,
        surveys.survey_kind,
        surveys.survey_scope,
        cast({{ to_local('invitations.sent_at', 'run_parameters.time_zone') }} as date)
            as business_date,
        coalesce(invitations.is_bounced, false) as is_bounced,
        invitations.completed_at is not null or coalesce(answered.is_scored, 0) = 1
            as is_completed,
        invitations.started_at is not null or answered.invitation_id is not null as is_started,
        invitations.opened_at is not null as is_opened
    from invitations
    inner join surveys
        on surveys.survey_id = invitations.survey_id
    left join answered
        on answered.invitation_id = invitations.invitation_id
    left join customers
        on customers.reference_key = {{ reference_key('invitations') }}
    cross join run_parameters
    where coalesce(surveys.has_send_list, true)
),

final as (
    select
        invitation_id,
        survey_id,
        customer_key,
        survey_kind,
        survey_scope,
        business_date,
        not is_bounced or is_opened or is_started or is_completed as is_delivered,
        is_opened or is_started or is_completed as is_opened,
        is_started or is_completed as is_started,
        is_completed
    from steps
)

select * from final
