-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
{{ config(materialized='view') }}
with

months as (select * from {{ ref('int_programme_panel') }}),

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

-- CUPED in randomised programmes: how much of the level before is still there after, within arms
-- and cells.
centred as (
    select
        programme_id,
        segmentation,
        segment,
        outcome_amount - {{ exact_mean('outcome_amount', over='arms') }} as outcome_deviation,
        level_amount - {{ exact_mean('level_amount', over='arms') }} as level_deviation
    from months
    where is_randomised
        and design = 'effect'
        and months_since_entry >= 0
        and level_amount is not null
    window arms as (
        partition by cell_number, month_number, is_treated
    )
),

slopes as (
    select
        programme_id,
        segmentation,
        segment,
        {{ ratio(
            exact_sum('outcome_deviation * level_deviation', places=8),
            exact_sum('level_deviation * level_deviation', places=8)
        ) }} as persistence_rate
    from centred
    group by programme_id, segmentation, segment
),

final as (
    select
        months.design,
        months.programme_id,
        months.segmentation,
        months.segment,
        months.customer_kind,
        months.is_randomised,
        months.entry_number,
        months.month_number,
        months.months_since_entry,
        months.customer_key,
        coalesce(enrolments.unit_key, months.customer_key) as unit_key,
        months.is_treated,
        months.cell_number,
        months.month_weight,
        months.is_active,
        months.has_referred,
        months.outcome_amount <> 0 as has_outcome,
        months.retained_change_amount,
        months.support_change_amount,
        months.referred_change_amount,
        case
            when months.months_since_entry < 0 and months.design = 'effect'
                then months.outcome_amount - months.month_before_amount
            when months.is_randomised then months.outcome_amount
                - coalesce(slopes.persistence_rate * months.level_amount, 0)
            else months.outcome_amount - months.base_amount
        end as change_amount
    from months
    left join slopes
        on slopes.programme_id = months.programme_id
        and slopes.segmentation = months.segmentation
        and slopes.segment = months.segment
    left join enrolments
        on enrolments.programme_id = months.programme_id
        and enrolments.customer_key = months.customer_key
)

select * from final
