-- Grain: one row per account. A subsidiary is a customer of its own, whatever its parent.
select
    row_number,
    'account-' || left(id, 15) as customer_id,
    'account-' || left(master_id, 15) as merged_into_customer_id,
    name,
    phone,
    regexp_extract(lower(trim(website)), '^(https?://)?(www\.)?([^/?#:]+)', 3) as domain,
    industry,
    employee_count,
    country,
    region,
    city,
    replace(lower(source), ' ', '_') as acquisition_channel,
    created_at as signup_at,
    is_deleted,
    updated_at
from accounts
