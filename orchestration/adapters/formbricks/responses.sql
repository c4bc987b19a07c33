-- Grain: one row per response.
select
    row_number,
    response_id,
    survey_id,
    user_id as customer_id,
    coalesce(verified_email, email) as customer_email,
    answered_at,
    score,
    comment,
    ticket_id,
    touchpoint,
    'survey' as feedback_source,
    is_finished as is_complete
from responses
