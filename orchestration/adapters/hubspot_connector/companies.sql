-- Grain: one row per company.
select
    row_number,
    'company-' || id as customer_id,
    nullif(regexp_replace(merged_ids, '\s*(\d+)(:[^;]*)?\s*', 'company-\1', 'g'), '')
        as merged_customer_ids,
    name,
    phone,
    lower(trim(domain)) as domain,
    industry,
    employee_count,
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
from companies
