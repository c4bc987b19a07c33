-- Grain: one row per randomised programme, segmentation, segment and unit drawn
with

deviations as (
    select * from {{ ref('int_programme_did') }}
    where is_randomised and design = 'effect' and months_since_entry >= 0
),

draws as (select * from {{ ref('int_customers__sampling_key') }}),

summed as (
    select
        programme_id,
        segmentation,
        segment,
        cell_number,
        unit_key,
        gap_amount is not null as is_treated,
        {{ exact_sum('deviation_amount') }} as deviation_amount,
        count(*) as month_count,
        max(case when has_outcome then 1 else 0 end) as has_outcome
    from deviations
    group by
        programme_id, segmentation, segment, cell_number, unit_key, gap_amount is not null
),

final as (
    select
        summed.programme_id,
        summed.segmentation,
        summed.segment,
        summed.cell_number,
        summed.unit_key,
        summed.is_treated,
        summed.deviation_amount,
        summed.month_count,
        summed.has_outcome = 1 as has_outcome,
        {{ hashed_number("concat(summed.programme_id, '|', draws.draw_key)") }} as unit_number
    from summed
    left join draws
        on draws.customer_key = summed.unit_key
)

select * from final
