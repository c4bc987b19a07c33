-- Grain: one row per rated ticket. Labels of a scale of three, five or seven points differ in
-- strength alone; a label of the company's own is no number and refused.
select
    row_number,
    'freshdesk-csat-' || id as response_id,
    external_id as customer_id,
    coalesce(email, case when contains(contact_id, '@') then contact_id end) as customer_email,
    coalesce(solved_at, closed_at, updated_at, created_at) as answered_at,
    case
        when lower(survey_result) in ('extremely happy', 'very happy', 'happy') then '1'
        when lower(survey_result) = 'neutral' then '0'
        when lower(survey_result) in ('unhappy', 'very unhappy', 'extremely unhappy') then '-1'
        else survey_result
    end as score,
    id as ticket_id
from tickets
