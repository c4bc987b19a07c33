-- Grain: one row per customer_key, segmentation and interval of days in one segment
with

first_seen as (select * from {{ ref('int_customers__first_seen') }}),

segmentations as (select * from {{ ref('segmentations') }}),

by_attribute as (select * from {{ ref('int_customer_segments__by_attribute') }}),

by_rfm as (select * from {{ ref('int_customer_segments__by_rfm') }}),

by_preference as (select * from {{ ref('int_customer_segments__by_preference') }}),

by_lifecycle as (select * from {{ ref('int_customer_segments__by_lifecycle') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- A customer of whom nothing is known is in a segment too, so that segments add up to the whole.
states as (
    select
        first_seen.customer_key,
        segmentations.segmentation,
        case
            when segmentations.basis <> 'whole' and first_seen.customer_key = 'unknown'
                then 'unknown'
            else segmentations.default_segment
        end as segment,
        date '0001-01-01' as valid_from_date,
        0 as precedence
    from first_seen
    cross join segmentations

    {% for segments in ['by_attribute', 'by_rfm', 'by_preference', 'by_lifecycle'] %}
    union all

    select customer_key, segmentation, segment, valid_from_date, 1 as precedence
    from {{ segments }}
    {% endfor %}
),

-- What held before the customer was first seen holds from that day.
dated as (
    select
        states.customer_key,
        states.segmentation,
        states.segment,
        greatest(states.valid_from_date, first_seen.first_seen_date) as valid_from_date,
        row_number() over (
            partition by
                states.customer_key,
                states.segmentation,
                greatest(states.valid_from_date, first_seen.first_seen_date)
            order by states.valid_from_date desc, states.precedence desc, states.segment
        ) as preference
    from states
    inner join first_seen
        on first_seen.customer_key = states.customer_key
    cross join run_parameters
    where states.valid_from_date <= run_parameters.as_of_date
),

changes as (
    select
        *,
        lag(segment) over (
            partition by customer_key, segmentation
            order by valid_from_date
        ) as previous_segment
    from dated
    where preference = 1
),

final as (
    select
        customer_key,
        segmentation,
        segment,
        valid_from_date,
        lead(valid_from_date, 1, date '9999-12-31') over (
            partition by customer_key, segmentation
            order by valid_from_date
        ) as valid_to_date
    from changes
    where previous_segment is null or segment <> previous_segment
)

select * from final
