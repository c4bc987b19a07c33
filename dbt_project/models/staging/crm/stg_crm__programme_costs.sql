-- Grain: one row per programme, month and kind of cost, its latest version
with

programme_costs as (select * from {{ source('lake', 'programme_costs') }}),

latest as (
    {{ latest_version('programme_costs', ['programme_id', 'cost_month', 'cost_kind']) }}
),

final as (
    select
        programme_id,
        cost_month,
        cost_kind,
        amount,
        currency,
        source_system,
        extract_date
    from latest
)

select * from final
