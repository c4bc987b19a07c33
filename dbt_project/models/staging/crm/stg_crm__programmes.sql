-- Grain: one row per customer-experience programme, its latest version
with

programmes as (select * from {{ source('lake', 'programmes') }}),

latest as (
    {{ latest_version('programmes', ['programme_id'], 'updated_at') }}
),

final as (
    select
        programme_id,
        name,
        description,
        start_date,
        end_date,
        assignment,
        randomised_unit,
        planned_treated_share,
        treated_arm,
        control_arm,
        evaluation_date,
        eligibility_rule,
        target_metric,
        updated_at,
        source_system,
        extract_date
    from latest
)

select * from final
