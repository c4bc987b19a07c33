-- Grain: one row per programme, segmentation, segment and month of entry
with

gaps as (
    select *, customer_weight as weight
    from {{ ref('int_programme_did__weighted') }}
    where design = 'effect' and months_since_entry >= 0
),

{{ estimates_by_customer(['programme_id', 'segmentation', 'segment', 'entry_number']) }},

{{ shown_estimates() }},

final as (
    select
        programme_id,
        segmentation,
        segment,
        {{ month_of_index('entry_number') }} as entry_month_date,
        matched_customer_count,
        control_customer_count,
        matched_month_count,
        {{ settled('month_sum') }} as weighted_month_count,
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
