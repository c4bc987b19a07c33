-- Grain: one row per programme, over all its customers
{{ config(materialized='view') }}
with

fct_programme_roi as (select * from {{ ref('fct_programme_roi') }}),

final as (
    select
        programme_id,
        programme_name,
        verdict,
        verdict_reason,
        rests_on,
        method,
        treated_customer_count,
        matched_customer_count,
        effect_amount,
        effect_low_amount,
        effect_high_amount,
        naive_difference_amount,
        cost_amount,
        benefit_amount,
        benefit_cost_ratio,
        roi_rate,
        roi_rate_low,
        roi_rate_high,
        payback_months,
        minimum_detectable_effect_amount
    from fct_programme_roi
    where segmentation = 'all'
)

select * from final
