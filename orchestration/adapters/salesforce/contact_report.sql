-- Grain: one row per contact of a report.
select
    row_number,
    'contact-' || left(id, 15) as customer_id,
    'account-' || left(account_id, 15) as parent_customer_id,
    concat_ws(' ', first_name, last_name) as name,
    email,
    phone,
    country,
    region,
    city,
    replace(lower(lead_source), ' ', '_') as acquisition_channel,
    created_date as signup_at,
    modified_date as updated_at
from contact_report
