-- Grain: one row per company.
select
    row_number,
    'company-' || record_id as customer_id,
    -- 2000;3000, or with the moment of each merge 2000:1767636000000
    nullif(regexp_replace(merged_ids, '\s*(\d+)(:[^;]*)?\s*', 'company-\1', 'g'), '')
        as merged_customer_ids,
    name,
    phone,
    regexp_extract(lower(trim(website)), '^(https?://)?(www\.)?([^/?#:]+)', 3) as domain,
    industry,
    employee_count,
    country,
    region,
    city,
    case lower(original_source)
        when 'organic search' then 'organic'
        when 'referrals' then 'referral'
        when 'social media' then 'social'
        when 'offline sources' then 'offline'
        else replace(lower(original_source), ' ', '_')
    end as acquisition_channel,
    acquisition_cost as acquisition_cost_amount,
    referred_by as referred_by_customer_id,
    preferred_channel,
    lifecycle_stage,
    created_at as signup_at,
    updated_at
from companies
