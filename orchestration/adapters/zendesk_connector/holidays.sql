-- Grain: one row per closed day; the tool gives the first and the last.
select
    row_number,
    schedule_id,
    cast(unnest(generate_series(start_date, end_date, interval 1 day)) as date) as holiday_date,
    name
from holidays
