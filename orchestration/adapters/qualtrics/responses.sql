-- Grain: one row per response. The file is named after the survey.
select
    row_number,
    response_id,
    regexp_extract(file_name, '([^/_]+)(_[^/]*)?\.csv(\.gz)?$', 1) as survey_id,
    external_reference as customer_id,
    email as customer_email,
    ended_at as answered_at,
    -- The ends of a scale come with their words: 10 - Extremely likely.
    regexp_replace(trim(score), '^(\d+)\s*[-–]\s*\D.*$', '\1') as score,
    comment,
    lower(string_split(language, '-')[1]) as language,
    ticket_id,
    touchpoint,
    distribution_channel as channel,
    'survey' as feedback_source,
    is_finished as is_complete,
    followed_up_at
from responses
