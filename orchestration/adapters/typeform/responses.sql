-- Grain: one row per response. The file is named after the survey.
select
    row_number,
    token as response_id,
    regexp_extract(file_name, '([^/_]+)(_[^/]*)?\.csv(\.gz)?$', 1) as survey_id,
    customer_id,
    email as customer_email,
    coalesce(submitted_at, left_at, started_at) as answered_at,
    score,
    comment,
    lower(string_split(language, '-')[1]) as language,
    ticket_id,
    touchpoint,
    'survey' as feedback_source,
    lower(trim(response_type)) = 'completed' as is_complete
from responses
