-- Grain: one row per customer, closed month or quarter and segmentation
{{ config(materialized='view') }}
with

periods as (select * from {{ ref('int_customer_periods__states') }}),

memberships as (select * from {{ ref('bridge_customer_segments') }}),

-- Segment as it was when the period began; who came later counts in the first segment they had.
placed as (
    select
        customer_key,
        segmentation,
        segment,
        case
            when row_number() over (
                partition by customer_key, segmentation
                order by valid_from_date
            ) = 1 then date '0001-01-01'
            else valid_from_date
        end as valid_from_date,
        valid_to_date
    from memberships
),

final as (
    select
        periods.*,
        placed.segmentation,
        placed.segment
    from periods
    inner join placed
        on placed.customer_key = periods.customer_key
        and placed.valid_from_date <= periods.period_date
        and placed.valid_to_date > periods.period_date
)

select * from final
