-- Grain: one row per contact.
select
    row_number,
    'contact-' || id as customer_id,
    'company-' || company_id as parent_customer_id,
    -- 2000;3000, or with the moment of each merge 2000:1767636000000
    nullif(regexp_replace(merged_ids, '\s*(\d+)(:[^;]*)?\s*', 'contact-\1', 'g'), '')
        as merged_customer_ids,
    nullif(concat_ws(' ', first_name, last_name), '') as name,
    email,
    phone,
    country,
    region,
    city,
    case lower(source)
        when 'organic_search' then 'organic'
        when 'referrals' then 'referral'
        when 'social_media' then 'social'
        else lower(source)
    end as acquisition_channel,
    lifecycle_stage,
    created_at as signup_at,
    is_deleted,
    updated_at
from contacts
