-- Grain: one row per low answer: a detractor, a bad CSAT or a high effort
with

responses as (select * from {{ ref('fct_survey_responses') }}),

customer_months as (select * from {{ ref('fct_customer_months') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

-- Where the survey tool never records a follow-up, a missing one means unknown.
with_follow_up_record as (
    select
        *,
        count(followed_up_at) over (partition by source_system) > 0 as is_follow_up_recorded
    from responses
),

-- What the customer said next about the same thing shows whether going back to it helped.
with_next_answer as (
    select
        *,
        lead(score_normalised) over same_survey_kind as next_score_normalised,
        lead(answered_at) over same_survey_kind as next_answered_at
    from with_follow_up_record
    where is_valid_score
    window same_survey_kind as (
        partition by customer_key, survey_kind, survey_scope
        order by answered_at, response_id
    )
),

low_answers as (
    select
        with_next_answer.*,
        case
            when nps_class = 'detractor' then 'detractor'
            when not is_csat_good then 'dissatisfied'
            when not is_low_effort then 'high_effort'
        end as low_reason,
        customer_key <> 'unknown' as is_known
    from with_next_answer
    where nps_class = 'detractor'
        or not is_csat_good
        or not is_low_effort
),

revenue as (
    select
        customer_months.customer_key,
        {{ money('sum(customer_months.net_revenue_amount)') }} as net_revenue_12m_amount
    from customer_months
    cross join run_parameters
    where customer_months.month_date > run_parameters.as_of_date - interval 12 month
    group by 1
),

final as (
    select
        low_answers.response_id,
        low_answers.customer_key,
        low_answers.ticket_id,
        low_answers.answered_at,
        low_answers.business_date,
        low_answers.survey_kind,
        low_answers.survey_scope,
        low_answers.touchpoint,
        low_answers.low_reason,
        low_answers.score,
        low_answers.score_normalised,
        low_answers.comment,
        low_answers.has_comment,
        -- The team that holds the ticket it is about, else the team in charge of such surveys.
        coalesce(
            tickets.group_name,
            case low_answers.survey_scope
                when 'relationship' then settings.feedback_owner__relationship
                when 'transactional' then settings.feedback_owner__transactional
            end
        ) as owner_team,
        case when tickets.group_name is not null then 'ticket' else 'setting' end as owner_basis,
        low_answers.followed_up_at,
        case
            when low_answers.followed_up_at is not null then 'closed'
            when not low_answers.is_known then 'customer_unknown'
            when low_answers.is_follow_up_recorded then 'open'
            else 'not_recorded'
        end as loop_status,
        low_answers.is_follow_up_recorded,
        {{ days_between('low_answers.business_date', 'run_parameters.as_of_date') }} as age_days,
        case when low_answers.followed_up_at is not null then cast(
            {{ minutes_between('low_answers.answered_at', 'low_answers.followed_up_at') }} / 1440
            as double
        ) end as days_to_follow_up,
        case when low_answers.is_known then low_answers.next_answered_at end as next_answered_at,
        case when low_answers.is_known then low_answers.next_score_normalised end
            as next_score_normalised,
        revenue.net_revenue_12m_amount
    from low_answers
    left join revenue
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on revenue.customer_key = case when low_answers.is_known then low_answers.customer_key end
    left join tickets
        on tickets.ticket_id = low_answers.ticket_id
    cross join settings
    cross join run_parameters
)

select * from final
