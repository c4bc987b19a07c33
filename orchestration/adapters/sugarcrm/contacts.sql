-- Grain: one row per contact.
select
    row_number,
    'contact-' || id as customer_id,
    'account-' || account_id as parent_customer_id,
    concat_ws(' ', first_name, last_name) as name,
    email,
    coalesce(phone, mobile) as phone,
    country,
    region,
    city,
    replace(lower(lead_source), ' ', '_') as acquisition_channel,
    created_at as signup_at,
    is_deleted,
    updated_at
from contacts
