-- Grain: one row per response of an older export. The file is named after the survey.
select
    row_number,
    response_id,
    regexp_extract(file_name, '([^/_]+)(_[^/]*)?\.csv(\.gz)?$', 1) as survey_id,
    external_reference as customer_id,
    email as customer_email,
    ended_at as answered_at,
    regexp_replace(trim(score), '^(\d+)\s*[-–]\s*\D.*$', '\1') as score,
    comment,
    ticket_id,
    touchpoint,
    'survey' as feedback_source,
    is_finished as is_complete
from legacy_responses
