-- Grain: one row per respondent. The file is named after the survey.
select
    row_number,
    respondent_id as response_id,
    regexp_extract(file_name, '([^/_]+)(_[^/]*)?\.csv(\.gz)?$', 1) as survey_id,
    customer_id,
    coalesce(email, given_email) as customer_email,
    ended_at as answered_at,
    -- The ends of a scale come with their words: 10 - Extremely likely.
    regexp_replace(trim(score), '^(\d+)\s*[-–]\s*\D.*$', '\1') as score,
    comment,
    'survey' as feedback_source
from responses
