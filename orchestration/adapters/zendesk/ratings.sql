-- Grain: one row per rated ticket; a rating changed later is a new version of the same answer.
select
    row_number,
    'zendesk-csat-' || id as response_id,
    'zendesk-csat' as survey_id,
    requester_external_id as customer_id,
    requester_email as customer_email,
    requester_domain as customer_domain,
    coalesce(solved_at, updated_at, created_at) as answered_at,
    case lower(satisfaction) when 'good' then 1 else 0 end as score,
    lower(language) as language,
    id as ticket_id,
    'survey' as feedback_source,
    true as is_complete
from tickets
