-- Grain: one row per customer and month with support work, cost or an answer
with

costs as (select * from {{ ref('int_support_costs__by_ticket') }}),

work as (select * from {{ ref('int_tickets__monthly_workload') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

incurred as (
    select
        customer_key,
        month_date,
        {{ money('sum(support_cost_amount)') }} as support_cost_amount
    from costs
    group by 1, 2
),

worked as (
    select
        tickets.customer_key,
        work.month_date,
        count(*) as costed_ticket_count,
        count(*) filter (where work.is_opened_in_month) as ticket_count,
        sum(work.agent_comment_count) as agent_comment_count,
        sum(work.handle_minutes) as handle_minutes
    from work
    inner join tickets
        on tickets.ticket_id = work.ticket_id
    group by 1, 2
),

-- What the customer said about its tickets in the month, to be read beside what they cost.
ticket_answers as (
    select
        customer_key,
        month_date,
        count(*) as csat_answer_count,
        count(*) filter (where is_csat_good) as csat_good_count
    from responses
    where ticket_id is not null
        and is_csat_good is not null
    group by 1, 2
),

keys as (
    select customer_key, month_date from incurred
    union
    select customer_key, month_date from worked
    union
    select customer_key, month_date from ticket_answers
),

final as (
    select
        keys.customer_key,
        keys.month_date,
        coalesce(worked.costed_ticket_count, 0) as costed_ticket_count,
        coalesce(worked.ticket_count, 0) as ticket_count,
        cast(coalesce(worked.agent_comment_count, 0) as bigint) as agent_comment_count,
        cast(coalesce(worked.handle_minutes, 0) as decimal(18, 4)) as handle_minutes,
        incurred.support_cost_amount,
        {{ money('incurred.support_cost_amount / nullif(worked.costed_ticket_count, 0)') }}
            as cost_per_ticket_amount,
        coalesce(ticket_answers.csat_answer_count, 0) as csat_answer_count,
        coalesce(ticket_answers.csat_good_count, 0) as csat_good_count,
        {{ ratio('ticket_answers.csat_good_count', 'ticket_answers.csat_answer_count') }}
            as csat_rate
    from keys
    left join incurred
        on incurred.customer_key = keys.customer_key
        and incurred.month_date = keys.month_date
    left join worked
        on worked.customer_key = keys.customer_key
        and worked.month_date = keys.month_date
    left join ticket_answers
        on ticket_answers.customer_key = keys.customer_key
        and ticket_answers.month_date = keys.month_date
)

select * from final
