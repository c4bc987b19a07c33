-- Grain: one row per segmentation, segment and closed month with new MRR
with

revenue_months as (select * from {{ ref('int_revenue_months__consolidated') }}),

segments as (select * from {{ ref('int_customer_segments__placed') }}),

customers as (select * from {{ ref('dim_customers') }}),

referrals as (select * from {{ ref('fct_referrals') }}),

final as (
    select
        segments.segmentation,
        segments.segment,
        revenue_months.month_date,
        {{ money('coalesce(sum(revenue_months.new_amount) filter ('
            ~ 'where referrals.referred_customer_key is not null), 0)') }} as earned_new_amount,
        {{ money('coalesce(sum(revenue_months.new_amount) filter ('
            ~ 'where referrals.referred_customer_key is null'
            ~ ' and customers.acquisition_channel is null), 0)') }} as unknown_source_new_amount
    from revenue_months
    inner join segments
        on segments.customer_key = revenue_months.customer_key
        and segments.valid_from_date <= revenue_months.month_date
        and segments.valid_to_date > revenue_months.month_date
    inner join customers
        on customers.customer_key = revenue_months.customer_key
    left join referrals
        on referrals.referred_customer_key = revenue_months.customer_key
    where revenue_months.new_amount > 0
    group by 1, 2, 3
)

select * from final
