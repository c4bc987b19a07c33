-- Grain: one row per customer, segmentation and interval of months begun in one segment and kind
with

memberships as (select * from {{ ref('bridge_customer_segments') }}),

settings as (
    select {{ setting('programme_segmentations', dbt.type_string()) }} as segmentations
    from {{ ref('analyst_settings') }}
),

-- In which segment a month begins: the one of its first day. The first segment of a customer also
-- holds for the month they were first seen in.
numbered as (
    select
        memberships.customer_key,
        memberships.segmentation,
        memberships.segment,
        concat(',', replace(settings.segmentations, ' ', ''), ',')
            like concat('%,', memberships.segmentation, ',%') as is_published,
        case
            when row_number() over (
                partition by memberships.customer_key, memberships.segmentation
                order by memberships.valid_from_date
            ) = 1 then 0
            else {{ first_month_from('memberships.valid_from_date') }}
        end as from_number,
        {{ first_month_from('memberships.valid_to_date') }} as to_number
    from memberships
    cross join settings
    where memberships.customer_key <> 'unknown'
),

intervals as (
    select *
    from numbered
    where (is_published or segmentation = 'customer_kind')
        and from_number < to_number
),

final as (
    select
        intervals.customer_key,
        intervals.segmentation,
        intervals.segment,
        kinds.segment as customer_kind,
        intervals.is_published,
        greatest(intervals.from_number, kinds.from_number) as from_number,
        least(intervals.to_number, kinds.to_number) as to_number
    from intervals
    inner join intervals as kinds
        on kinds.customer_key = intervals.customer_key
        and kinds.segmentation = 'customer_kind'
        and kinds.from_number < intervals.to_number
        and kinds.to_number > intervals.from_number
)

select * from final
