-- Grain: one row per programme, segmentation, segment, month of entry and month
with

gaps as (
    select *, customer_weight as weight
    from {{ ref('int_programme_did__weighted') }}
    where design = 'effect'
),

{{ estimates_by_customer(
    ['programme_id', 'segmentation', 'segment', 'entry_number', 'month_number']
) }},

{{ shown_estimates() }},

final as (
    select
        programme_id,
        segmentation,
        segment,
        {{ month_of_index('entry_number') }} as entry_month_date,
        {{ month_of_index('month_number') }} as month_date,
        cast(month_number - entry_number as int) as months_since_entry,
        matched_customer_count,
        control_customer_count,
        {{ money(settled('shown_amount')) }} as effect_amount,
        {{ money(settled('shown_error')) }} as effect_standard_error_amount,
        no_interval_reason
    from errors
)

select * from final
