-- Grain: one row per customer, segmentation and interval of days in one segment
{{ config(materialized='view') }}
with

customer_segments as (select * from {{ ref('bridge_customer_segments') }}),

-- Let the first segment reach back for ever, so that a customer who comes in the middle of a period
-- counts in it.
final as (
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
    from customer_segments
)

select * from final
