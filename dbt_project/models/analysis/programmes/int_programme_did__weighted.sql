-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
{{ config(materialized='view') }}
with

gaps as (select * from {{ ref('int_programme_did') }}),

weights as (select * from {{ ref('int_programme_weights') }}),

final as (
    select
        gaps.*,
        coalesce(weights.kind_weight, 1) * coalesce(gaps.treated_weight, 1) as customer_weight
    from gaps
    left join weights
        on weights.programme_id = gaps.programme_id
        and weights.segmentation = gaps.segmentation
        and weights.segment = gaps.segment
        and weights.customer_kind = gaps.customer_kind
)

select * from final
