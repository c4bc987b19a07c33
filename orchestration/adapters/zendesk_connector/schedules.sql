-- Grain: one row per weekday of an opening interval, which the tool counts in minutes of a week
-- that begins on Sunday. Its zones are cities or, in North America and for a few others, names.
with

days as (
    select
        *,
        unnest(range(start_time // 1440, (end_time - 1) // 1440 + 1)) as day_of_week
    from schedules
),

zones as (
    select split_part(name, '/', -1) as city, min(name) as zone
    from pg_timezone_names()
    where regexp_full_match(name, '(Africa|America|Asia|Atlantic|Australia|Europe|Pacific)/[^/]+')
    group by all
)

select
    days.row_number,
    days.id as schedule_id,
    case when days.day_of_week % 7 = 0 then 7 else days.day_of_week % 7 end as weekday,
    greatest(days.start_time, days.day_of_week * 1440) - days.day_of_week * 1440
        as opens_at_minute,
    least(days.end_time, (days.day_of_week + 1) * 1440) - days.day_of_week * 1440
        as closes_at_minute,
    case days.time_zone
        when 'Hawaii' then 'Pacific/Honolulu'
        when 'Alaska' then 'America/Juneau'
        when 'Pacific Time (US & Canada)' then 'America/Los_Angeles'
        when 'Arizona' then 'America/Phoenix'
        when 'Mountain Time (US & Canada)' then 'America/Denver'
        when 'Saskatchewan' then 'America/Regina'
        when 'Central Time (US & Canada)' then 'America/Chicago'
        when 'Eastern Time (US & Canada)' then 'America/New_York'
        when 'Indiana (East)' then 'America/Indiana/Indianapolis'
        when 'Atlantic Time (Canada)' then 'America/Halifax'
        when 'Newfoundland' then 'America/St_Johns'
        when 'Brasilia' then 'America/Sao_Paulo'
        when 'Buenos Aires' then 'America/Argentina/Buenos_Aires'
        when 'UTC' then 'UTC'
        when 'Edinburgh' then 'Europe/London'
        when 'Bern' then 'Europe/Zurich'
        when 'New Delhi' then 'Asia/Kolkata'
        when 'Mumbai' then 'Asia/Kolkata'
        when 'Chennai' then 'Asia/Kolkata'
        when 'Islamabad' then 'Asia/Karachi'
        when 'Abu Dhabi' then 'Asia/Dubai'
        when 'Hanoi' then 'Asia/Bangkok'
        when 'Beijing' then 'Asia/Shanghai'
        when 'Osaka' then 'Asia/Tokyo'
        when 'Sapporo' then 'Asia/Tokyo'
        when 'Canberra' then 'Australia/Melbourne'
        when 'Wellington' then 'Pacific/Auckland'
        else zones.zone
    end as time_zone,
    days.created_at as valid_from
from days
left join zones on replace(days.time_zone, ' ', '_') = zones.city
