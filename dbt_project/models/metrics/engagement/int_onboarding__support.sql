-- Grain: one row per customer with a ticket or a valid answer in the first weeks
with

windows as (select * from {{ ref('int_onboarding__windows') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

asked as (
    select
        tickets.customer_key,
        tickets.first_reply_time_calendar_minutes,
        row_number() over (
            partition by tickets.customer_key
            order by tickets.created_at, tickets.ticket_id
        ) as ticket_rank
    from tickets
    inner join windows
        on windows.customer_key = tickets.customer_key
        and windows.start_date <= tickets.opened_date
        and windows.observed_until_date >= tickets.opened_date
),

answered as (
    select
        responses.customer_key,
        responses.survey_kind,
        responses.score_normalised,
        row_number() over (
            partition by responses.customer_key
            order by responses.answered_at desc, responses.response_id desc
        ) as answer_rank
    from responses
    inner join windows
        on windows.customer_key = responses.customer_key
        and windows.start_date <= responses.business_date
        and windows.observed_until_date >= responses.business_date
    where responses.is_valid_score
),

final as (
    select
        windows.customer_key,
        asked.first_reply_time_calendar_minutes,
        answered.survey_kind,
        answered.score_normalised
    from windows
    left join asked
        on asked.customer_key = windows.customer_key
        and asked.ticket_rank = 1
    left join answered
        on answered.customer_key = windows.customer_key
        and answered.answer_rank = 1
    where asked.customer_key is not null
        or answered.customer_key is not null
)

select * from final
