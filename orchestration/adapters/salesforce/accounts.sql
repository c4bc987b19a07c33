-- Grain: one row per account. A subsidiary is a customer of its own, whatever its parent.
select
    row_number,
    'account-' || left(id, 15) as customer_id,
    case when is_person then 'person' else 'account' end as customer_kind,
    'account-' || left(master_id, 15) as merged_into_customer_id,
    name,
    person_email as email,
    phone,
    regexp_extract(lower(trim(website)), '^(https?://)?(www\.)?([^/?#:]+)', 3) as domain,
    industry,
    employee_count,
    country,
    region,
    city,
    replace(lower(account_source), ' ', '_') as acquisition_channel,
    created_at as signup_at,
    is_deleted,
    coalesce(changed_at, modified_at) as updated_at
from accounts
