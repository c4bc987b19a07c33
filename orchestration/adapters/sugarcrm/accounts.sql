-- Grain: one row per account.
select
    row_number,
    'account-' || id as customer_id,
    name,
    email,
    phone,
    regexp_extract(lower(trim(website)), '^(https?://)?(www\.)?([^/?#:]+)', 3) as domain,
    industry,
    employee_count,
    country,
    region,
    city,
    created_at as signup_at,
    is_deleted,
    updated_at
from accounts
