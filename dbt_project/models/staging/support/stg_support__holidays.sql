-- Grain: one row per schedule and closed day, its latest version
{{ config(materialized='view') }}
with

holidays as (select * from {{ source('lake', 'holidays') }}),

latest as (
    {{ latest_version('holidays', ['schedule_id', 'holiday_date']) }}
),

final as (
    select
        schedule_id,
        holiday_date,
        name,
        source_system,
        extract_date
    from latest
)

select * from final
