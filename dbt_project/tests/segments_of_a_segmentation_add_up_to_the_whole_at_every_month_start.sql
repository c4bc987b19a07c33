-- Everybody seen by then is in exactly one segment of each segmentation: no gap, no overlap.
with

memberships as (select * from {{ ref('bridge_customer_segments') }}),

dates as (select * from {{ ref('dim_dates') }}),

month_starts as (
    select distinct month_date from dates where is_closed
),

counted as (
    select
        month_starts.month_date,
        memberships.segmentation,
        count(*) as member_count,
        count(distinct memberships.customer_key) as customer_count
    from month_starts
    inner join memberships
        on memberships.valid_from_date <= month_starts.month_date
        and memberships.valid_to_date > month_starts.month_date
    group by month_starts.month_date, memberships.segmentation
),

wholes as (select * from counted where segmentation = 'all')

select
    counted.month_date,
    counted.segmentation,
    counted.member_count,
    wholes.member_count as whole_count
from counted
full outer join wholes
    on wholes.month_date = counted.month_date
where counted.member_count is distinct from wholes.member_count
    or counted.customer_count is distinct from counted.member_count
