-- Grain: one row per answer with a comment, in the customer's own words
with

responses as (select * from {{ ref('int_survey_responses__scored') }}),

final as (
    select
        response_id,
        customer_key,
        survey_id,
        ticket_id,
        answered_at,
        comment
    from responses
    where length(trim(comment)) > 0
)

select * from final
