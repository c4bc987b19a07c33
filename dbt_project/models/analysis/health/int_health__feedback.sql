-- Grain: one row per customer and score date, what the customer last said about the company
with

scored_customers as (select * from {{ ref('int_health__scored_customers') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

-- Answers about a ticket belong to support. A year, so that a yearly survey is never out of date.
answers as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        responses.survey_scope = 'relationship' as is_relationship,
        responses.score_normalised,
        responses.business_date,
        row_number() over (
            partition by
                scored_customers.customer_key,
                scored_customers.score_date,
                responses.survey_scope
            order by responses.answered_at desc, responses.response_id desc
        ) as answer_rank
    from scored_customers
    inner join responses
        on responses.customer_key = scored_customers.customer_key
        and responses.business_date <= scored_customers.score_date
        and responses.business_date > scored_customers.score_date - 365
    where responses.is_valid_score
        and responses.ticket_id is null
        and responses.survey_scope in ('relationship', 'transactional')
),

answers_by_scope as (
    select
        customer_key,
        score_date,
        max(score_normalised) filter (where is_relationship and answer_rank = 1)
            as relationship_score,
        max(business_date) filter (where is_relationship) as relationship_date,
        cast(avg(score_normalised) filter (where not is_relationship) as decimal(7, 4))
            as transactional_score,
        max(business_date) filter (where not is_relationship) as transactional_date,
        count(*) filter (where not is_relationship) as transactional_count
    from answers
    group by customer_key, score_date
),

-- One scope or the other, never a mean of both.
final as (
    select
        customer_key,
        score_date,
        case when relationship_score is null then 'transactional' else 'relationship' end
            as feedback_scope,
        coalesce(relationship_date, transactional_date) as last_feedback_date,
        coalesce(relationship_score, transactional_score) as score,
        case
            when relationship_score is not null then concat(
                'last said ', cast(round(relationship_score) as bigint), ' of 100 on ',
                relationship_date
            )
            else concat(
                'said ', cast(round(transactional_score) as bigint), ' of 100 on average in ',
                transactional_count, ' answers, the last on ', transactional_date
            )
        end as reason
    from answers_by_scope
)

select * from final
