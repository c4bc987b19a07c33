-- Grain: one row per programme, segmentation, segment and day on which a verdict was said anew
with

published_verdicts as (select * from {{ source('lake', 'published_verdicts') }}),

final as (
    select
        programme_id,
        programme_name,
        segmentation,
        segment,
        verdict_date,
        last_month_date,
        method,
        verdict,
        verdict_reason,
        treated_customer_count,
        effect_amount,
        effect_standard_error_amount,
        effect_low_amount,
        effect_high_amount,
        cost_per_month_amount,
        roi_rate,
        is_final
    from published_verdicts
)

select * from final
