-- Grain: one row per contact.
select
    row_number,
    'contact-' || left(id, 15) as customer_id,
    'account-' || left(account_id, 15) as parent_customer_id,
    'contact-' || left(master_id, 15) as merged_into_customer_id,
    concat_ws(' ', first_name, last_name) as name,
    email,
    phone,
    country,
    region,
    city,
    year(birth_date) as birth_year,
    replace(lower(lead_source), ' ', '_') as acquisition_channel,
    created_at as signup_at,
    is_deleted,
    coalesce(changed_at, modified_at) as updated_at
from contacts
