-- Grain: one row per schedule, weekday and opening interval, its latest version
{{ config(materialized='view') }}
with

schedules as (select * from {{ source('lake', 'schedules') }}),

latest as (
    {{ latest_version('schedules', ['schedule_id', 'weekday', 'opens_at_minute', 'valid_from']) }}
),

final as (
    select
        schedule_id,
        weekday,
        opens_at_minute,
        closes_at_minute,
        time_zone,
        valid_from,
        valid_to,
        source_system,
        extract_date
    from latest
)

select * from final
