-- Grain: one row per segmentation and segment
with

memberships as (select * from {{ ref('bridge_customer_segments') }}),

segmentations as (select * from {{ ref('segmentations') }}),

known as (
    select segmentation, segment from memberships

    union

    select segmentation, 'unknown' as segment from segmentations where basis <> 'whole'
),

final as (
    select
        md5(concat(known.segmentation, '|', known.segment)) as segment_key,
        known.segmentation,
        known.segment,
        segmentations.basis,
        segmentations.description as segmentation_description,
        known.segment = 'unknown' as is_unknown
    from known
    inner join segmentations
        on segmentations.segmentation = known.segmentation
)

select * from final
