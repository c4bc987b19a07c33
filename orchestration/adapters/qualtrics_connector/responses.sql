-- Grain: one row per response. Of a question in a loop, or with rows of its own, no answer is the
-- score: a response with two answers to it is refused.
with

tagged as (
    select
        responses.id as response_id,
        lower(questions.tag) as tag,
        count(*) as answer_count,
        any_value(question_responses.value) as value,
        any_value(question_responses.text) as text
    from responses
    inner join questions on responses.survey_id = questions.survey_id
    inner join question_responses
        on responses.id = question_responses.response_id
        and questions.id = question_responses.question_id
    where lower(questions.tag) in ('q1', 'q2')
    group by responses.id, lower(questions.tag)
),

embedded as (
    select
        response_id,
        max(value) filter (where lower(data_key) = 'ticketid') as ticket_id,
        max(value) filter (where lower(data_key) = 'touchpoint') as touchpoint
    from embedded_data
    group by response_id
),

invited as (
    select
        response_id,
        arg_min(distribution_id || '-' || contact_id, sent_at) as invitation_id,
        arg_min(contact_id, sent_at) as contact_id
    from invitations
    where response_id is not null
    group by response_id
)

select
    responses.row_number,
    responses.id as response_id,
    responses.survey_id,
    contacts.external_reference as customer_id,
    coalesce(responses.email, contacts.email) as customer_email,
    invited.invitation_id,
    responses.ended_at as answered_at,
    case
        when scores.answer_count > 1 then scores.answer_count || ' answers'
        else coalesce(
            scores.value,
            regexp_replace(trim(scores.text), '^(\d+)\s*[-–]\s*\D.*$', '\1')
        )
    end as score,
    comments.text as comment,
    lower(string_split(responses.language, '-')[1]) as language,
    embedded.ticket_id,
    embedded.touchpoint,
    responses.channel,
    responses.is_finished as is_complete
from responses
left join tagged as scores on responses.id = scores.response_id and scores.tag = 'q1'
left join tagged as comments on responses.id = comments.response_id and comments.tag = 'q2'
left join embedded on responses.id = embedded.response_id
left join invited on responses.id = invited.response_id
left join contacts on invited.contact_id = contacts.id
