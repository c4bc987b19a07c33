-- Grain: one row per programme chosen by a rule, segmentation, segment and customer compared
{{ config(materialized='view') }}
with

gaps as (
    select * from {{ ref('int_programme_did__weighted') }}
    where design = 'effect' and months_since_entry >= 0 and not is_randomised
),

estimates as (
    select * from {{ ref('int_programme_estimates') }}
    where estimate_kind = 'effect'
),

summed as (
    select
        programme_id,
        segmentation,
        segment,
        customer_key,
        coalesce({{ exact_sum('gap_amount * customer_weight') }}, 0) as gap_sum,
        coalesce({{ exact_sum('case when gap_amount is not null then customer_weight end') }}, 0)
            as month_sum,
        coalesce({{ exact_sum('control_influence * customer_weight') }}, 0) as control_sum
    from gaps
    group by programme_id, segmentation, segment, customer_key
),

-- By how much a customer moves the matched estimate.
final as (
    select
        summed.programme_id,
        summed.segmentation,
        summed.segment,
        summed.customer_key,
        estimates.effect_amount,
        {{ ratio(
            'summed.gap_sum - estimates.effect_amount * summed.month_sum + summed.control_sum',
            'estimates.weighted_month_count'
        ) }} as influence
    from summed
    inner join estimates
        on estimates.programme_id = summed.programme_id
        and estimates.segmentation = summed.segmentation
        and estimates.segment = summed.segment
)

select * from final
