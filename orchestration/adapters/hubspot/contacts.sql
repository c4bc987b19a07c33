-- Grain: one row per contact. Its company is the one marked as primary, or the first of several.
select
    row_number,
    'contact-' || record_id as customer_id,
    'company-' || coalesce(
        nullif(trim(primary_company_id), ''), nullif(trim(string_split(company_ids, ';')[1]), '')
    ) as parent_customer_id,
    -- 2000;3000, or with the moment of each merge 2000:1767636000000
    nullif(regexp_replace(merged_ids, '\s*(\d+)(:[^;]*)?\s*', 'contact-\1', 'g'), '')
        as merged_customer_ids,
    concat_ws(' ', first_name, last_name) as name,
    email,
    phone,
    country,
    region,
    city,
    persona,
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
    lower(string_split(language, '-')[1]) as language,
    lifecycle_stage,
    created_at as signup_at,
    updated_at
from contacts
