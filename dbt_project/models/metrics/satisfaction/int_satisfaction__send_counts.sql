-- Grain: one row per period, kind, scope and survey (`all` = every one of the kind), by day sent
with

invitations as (select * from {{ ref('int_survey_invitations__funnel') }}),

{{ by_period_and_survey('invitations') }}

final as (
    select
        period_kind,
        period_date,
        survey_kind,
        survey_scope,
        counted_survey_id as survey_id,
        count(*) as sent_count,
        count(*) filter (where is_delivered) as delivered_count,
        count(*) filter (where is_opened) as opened_count,
        count(*) filter (where is_started) as started_count,
        count(*) filter (where is_completed) as completed_count
    from counted
    group by 1, 2, 3, 4, 5
)

select * from final
