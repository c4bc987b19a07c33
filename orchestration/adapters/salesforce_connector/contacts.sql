-- Grain: one row per contact.
select
    row_number,
    'contact-' || left(id, 15) as customer_id,
    'account-' || left(account_id, 15) as parent_customer_id,
    'contact-' || left(master_id, 15) as merged_into_customer_id,
    nullif(concat_ws(' ', first_name, last_name), '') as name,
    email,
    phone,
    country,
    region,
    city,
    replace(lower(source), ' ', '_') as acquisition_channel,
    created_at as signup_at,
    is_deleted,
    updated_at
from contacts
