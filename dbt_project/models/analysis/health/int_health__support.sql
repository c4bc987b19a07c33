-- Grain: one row per customer and score date with a ticket or an answer about one in 180 days
with

subjects as (select * from {{ ref('int_health__scored_customers') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Looks back only, so that a score of an earlier day knows no later ticket. How often a ticket was
-- reopened or handed on is known for its whole life alone and is left out.
followed as (
    select
        tickets.customer_key,
        tickets.opened_date,
        cast({{ to_local('least(tickets.first_reply_at, tickets.first_solved_at)',
            'run_parameters.time_zone') }} as date) as attended_date,
        tickets.is_repeat_contact
    from tickets
    cross join run_parameters
    where tickets.customer_key <> 'unknown'
),

opened as (
    select
        subjects.customer_key,
        subjects.score_date,
        count(*) as ticket_180d_count,
        count(*) filter (where coalesce(followed.attended_date > subjects.score_date, true))
            as waiting_ticket_count,
        count(followed.is_repeat_contact) as matter_known_count,
        count(*) filter (where followed.is_repeat_contact) as repeat_contact_180d_count
    from subjects
    inner join followed
        on followed.customer_key = subjects.customer_key
        and followed.opened_date <= subjects.score_date
        and followed.opened_date > subjects.score_date - 180
    group by subjects.customer_key, subjects.score_date
),

rated as (
    select
        subjects.customer_key,
        subjects.score_date,
        cast(avg(responses.score_normalised) as decimal(7, 4)) as ticket_answer_score
    from subjects
    inner join responses
        on responses.customer_key = subjects.customer_key
        and responses.business_date <= subjects.score_date
        and responses.business_date > subjects.score_date - 180
    where responses.is_valid_score
        and responses.ticket_id is not null
    group by subjects.customer_key, subjects.score_date
),

joined as (
    select
        subjects.customer_key,
        subjects.score_date,
        coalesce(opened.ticket_180d_count, 0) as ticket_180d_count,
        coalesce(opened.waiting_ticket_count, 0) as waiting_ticket_count,
        coalesce(opened.repeat_contact_180d_count, 0) as repeat_contact_180d_count,
        rated.ticket_answer_score,
        100 - 100 * {{ ratio('opened.waiting_ticket_count', 'opened.ticket_180d_count') }}
            as attended_score,
        100 - 100 * {{ ratio('opened.repeat_contact_180d_count', 'opened.matter_known_count') }}
            as first_contact_score
    from subjects
    left join opened
        on opened.customer_key = subjects.customer_key
        and opened.score_date = subjects.score_date
    left join rated
        on rated.customer_key = subjects.customer_key
        and rated.score_date = subjects.score_date
    where opened.customer_key is not null
        or rated.customer_key is not null
),

final as (
    select
        customer_key,
        score_date,
        ticket_180d_count,
        waiting_ticket_count,
        repeat_contact_180d_count,
        ticket_answer_score,
        cast({{ mean_of_known(['attended_score', 'first_contact_score', 'ticket_answer_score']) }}
            as decimal(7, 4)) as score,
        concat(
            ticket_180d_count, ' tickets in 180 days, ', waiting_ticket_count, ' unanswered, ',
            repeat_contact_180d_count, ' repeated',
            case
                when ticket_answer_score is null then ''
                else concat(
                    '; answers about them ', cast(round(ticket_answer_score) as bigint), ' of 100'
                )
            end
        ) as reason
    from joined
)

select * from final
