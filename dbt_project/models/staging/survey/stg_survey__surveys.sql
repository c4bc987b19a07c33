-- Grain: one row per survey question that yields a score, its latest version
with

surveys as (select * from {{ source('lake', 'surveys') }}),

latest as (
    {{ latest_version('surveys', ['survey_id']) }}
),

final as (
    select
        survey_id,
        name,
        survey_kind,
        survey_scope,
        scale_min,
        scale_max,
        is_higher_better,
        question,
        has_send_list,
        source_system,
        extract_date
    from latest
)

select * from final
