-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
{{ config(materialized='view') }}
with

months as (select * from {{ ref('int_programme_panel') }}),

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

expected as (select * from {{ ref('int_programme_expected_outcomes') }}),

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
            when months.is_randomised and months.design in ('effect', 'placebo_cohort')
                then months.outcome_amount - coalesce(expected.expected_amount, 0)
            else months.outcome_amount - months.base_amount
        end as change_amount
    from months
    left join expected
        on expected.programme_id = months.programme_id
        and expected.segmentation = months.segmentation
        and expected.segment = months.segment
        and expected.customer_key = months.customer_key
    left join enrolments
        on enrolments.programme_id = months.programme_id
        and enrolments.customer_key = months.customer_key
)

select * from final
