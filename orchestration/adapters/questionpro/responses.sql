-- Grain: one row per response. The file is named after the survey; a survey that loops gives one
-- response several rows, told apart by their sequence number.
select
    row_number,
    response_id || coalesce('-' || nullif(nullif(trim(sequence), '0'), '1'), '') as response_id,
    regexp_extract(file_name, '([^/_]+)(_[^/]*)?\.csv(\.gz)?$', 1) as survey_id,
    coalesce(external_reference, custom_variable) as customer_id,
    email as customer_email,
    answered_at,
    score,
    comment,
    'survey' as feedback_source,
    lower(trim(status)) = 'completed' as is_complete
from responses
