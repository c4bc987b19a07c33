-- Grain: one row per customer and score date with a ticket or an answer about one in 180 days
with

scored_customers as (select * from {{ ref('int_health__scored_customers') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Looks back only, so that the score of an earlier day uses no later ticket. Reopenings and
-- hand-offs are known for the whole life of a ticket only, without their days: left out.
first_responses as (
    select
        tickets.customer_key,
        tickets.opened_date,
        cast({{ to_local('least(tickets.first_reply_at, tickets.first_solved_at)',
            'run_parameters.time_zone') }} as date) as responded_date,
        tickets.is_repeat_contact
    from tickets
    cross join run_parameters
    where tickets.customer_key <> 'unknown'
),

ticket_counts as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        count(*) as ticket_180d_count,
        count(*) filter (
            where coalesce(first_responses.responded_date > scored_customers.score_date, true)
        ) as waiting_ticket_count,
        count(first_responses.is_repeat_contact) as issue_known_count,
        count(*) filter (where first_responses.is_repeat_contact) as repeat_contact_180d_count
    from scored_customers
    inner join first_responses
        on first_responses.customer_key = scored_customers.customer_key
        and first_responses.opened_date <= scored_customers.score_date
        and first_responses.opened_date > scored_customers.score_date - 180
    group by scored_customers.customer_key, scored_customers.score_date
),

answer_scores as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        cast(avg(responses.score_normalised) as decimal(7, 4)) as ticket_answer_score
    from scored_customers
    inner join responses
        on responses.customer_key = scored_customers.customer_key
        and responses.business_date <= scored_customers.score_date
        and responses.business_date > scored_customers.score_date - 180
    where responses.is_valid_score
        and responses.ticket_id is not null
    group by scored_customers.customer_key, scored_customers.score_date
),

part_scores as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        coalesce(ticket_counts.ticket_180d_count, 0) as ticket_180d_count,
        coalesce(ticket_counts.waiting_ticket_count, 0) as waiting_ticket_count,
        coalesce(ticket_counts.repeat_contact_180d_count, 0) as repeat_contact_180d_count,
        answer_scores.ticket_answer_score,
        100 - 100 * {{ ratio(
            'ticket_counts.waiting_ticket_count', 'ticket_counts.ticket_180d_count'
        ) }} as responded_score,
        100 - 100 * {{ ratio(
            'ticket_counts.repeat_contact_180d_count', 'ticket_counts.issue_known_count'
        ) }} as first_contact_score
    from scored_customers
    left join ticket_counts
        on ticket_counts.customer_key = scored_customers.customer_key
        and ticket_counts.score_date = scored_customers.score_date
    left join answer_scores
        on answer_scores.customer_key = scored_customers.customer_key
        and answer_scores.score_date = scored_customers.score_date
    where ticket_counts.customer_key is not null
        or answer_scores.customer_key is not null
),

final as (
    select
        customer_key,
        score_date,
        ticket_180d_count,
        waiting_ticket_count,
        repeat_contact_180d_count,
        ticket_answer_score,
        cast({{ mean_of_known(['responded_score', 'first_contact_score', 'ticket_answer_score']) }}
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
    from part_scores
)

select * from final
