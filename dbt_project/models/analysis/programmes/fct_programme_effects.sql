-- Grain: one row per programme, segmentation, segment and month since entry
with

gaps as (
    select *, customer_weight as weight
    from {{ ref('int_programme_did__weighted') }}
    where design = 'effect'
),

{{ estimates_by_customer(['programme_id', 'segmentation', 'segment', 'months_since_entry']) }},

{{ shown_estimates() }},

final as (
    select
        programme_id,
        segmentation,
        segment,
        cast(months_since_entry as int) as months_since_entry,
        months_since_entry < 0 as is_before_entry,
        matched_customer_count,
        control_customer_count,
        {{ settled('month_sum') }} as weighted_customer_count,
        {{ money(settled('shown_amount')) }}
            as effect_amount,
        {{ money(settled('shown_error')) }}
            as effect_standard_error_amount,
        {{ money(settled('shown_amount - interval_reach * shown_error')) }}
            as effect_low_amount,
        {{ money(settled('shown_amount + interval_reach * shown_error')) }}
            as effect_high_amount,
        no_interval_reason
    from errors
)

select * from final
