-- Grain: one row per account of a report.
select
    row_number,
    'account-' || left(id, 15) as customer_id,
    name,
    phone,
    regexp_extract(lower(trim(website)), '^(https?://)?(www\.)?([^/?#:]+)', 3) as domain,
    industry,
    employee_count,
    country,
    region,
    city,
    replace(lower(account_source), ' ', '_') as acquisition_channel,
    created_date as signup_at,
    modified_date as updated_at
from account_report
