-- Grain: one row per programme, segmentation, segment and kind of estimate
with

all_gaps as (select * from {{ ref('int_programme_did__weighted') }}),

exposures as (select * from {{ ref('int_programme_cost_benefit') }}),

gaps as (
    select *, 'effect' as estimate_kind, customer_weight as weight
    from all_gaps
    where design = 'effect' and months_since_entry >= 0

    union all

    select
        all_gaps.*,
        'discounted' as estimate_kind,
        all_gaps.customer_weight * exposures.discount_factor as weight
    from all_gaps
    inner join exposures
        on exposures.programme_id = all_gaps.programme_id
        and exposures.segmentation = all_gaps.segmentation
        and exposures.segment = all_gaps.segment
        and exposures.month_number = all_gaps.month_number
    where all_gaps.design = 'effect' and all_gaps.months_since_entry >= 0

    union all

    select *, design as estimate_kind, customer_weight as weight
    from all_gaps
    where design <> 'effect'
),

{{ estimates_by_customer(['programme_id', 'segmentation', 'segment', 'estimate_kind']) }},

final as (
    select
        programme_id,
        segmentation,
        segment,
        estimate_kind,
        effect_amount,
        effect_standard_error_amount,
        matched_customer_count,
        matched_month_count,
        month_sum as weighted_month_count,
        control_customer_count,
        treated_unit_count,
        control_unit_count,
        fewest_unit_count,
        degrees_of_freedom
    from estimates
)

select * from final
