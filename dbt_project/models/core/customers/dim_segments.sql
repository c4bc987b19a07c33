-- Grain: one row per segmentation and segment
with

customer_segments as (select * from {{ ref('bridge_customer_segments') }}),

segmentations as (select * from {{ ref('segmentations') }}),

segments as (
    select segmentation, segment from customer_segments

    union

    select segmentation, 'unknown' as segment from segmentations where basis <> 'whole'
),

final as (
    select
        md5(concat(segments.segmentation, '|', segments.segment)) as segment_key,
        segments.segmentation,
        segments.segment,
        segmentations.basis,
        segmentations.description as segmentation_description,
        segments.segment = 'unknown' as is_unknown
    from segments
    inner join segmentations
        on segmentations.segmentation = segments.segmentation
)

select * from final
