-- Grain: one row per segmentation, segment and closed month with new MRR
with

movements as (select * from {{ ref('fct_revenue_movements') }}),

segments as (select * from {{ ref('int_customer_segments__placed') }}),

customers as (select * from {{ ref('dim_customers') }}),

referrals as (select * from {{ ref('fct_referrals') }}),

by_currency as (
    select
        segments.segmentation,
        segments.segment,
        movements.month_date,
        movements.rate_to_reporting,
        cast(coalesce(sum(movements.new_amount) filter (
            where referrals.referred_customer_key is not null
        ), 0) as decimal(18, 4)) as earned_amount,
        cast(coalesce(sum(movements.new_amount) filter (
            where referrals.referred_customer_key is null
                and customers.acquisition_channel is null
        ), 0) as decimal(18, 4)) as unknown_source_amount
    from movements
    inner join segments
        on segments.customer_key = movements.customer_key
        and segments.valid_from_date <= movements.month_date
        and segments.valid_to_date > movements.month_date
    inner join customers
        on customers.customer_key = movements.customer_key
    left join referrals
        on referrals.referred_customer_key = movements.customer_key
    where movements.is_closed_month
        and movements.new_amount > 0
        and movements.rate_to_reporting is not null
    group by 1, 2, 3, 4
),

final as (
    select
        segmentation,
        segment,
        month_date,
        {{ money('sum(' ~ to_reporting('earned_amount', 'rate_to_reporting') ~ ')') }}
            as earned_new_amount,
        {{ money('sum(' ~ to_reporting('unknown_source_amount', 'rate_to_reporting') ~ ')') }}
            as unknown_source_new_amount
    from by_currency
    group by 1, 2, 3
)

select * from final
