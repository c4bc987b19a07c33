-- Grain: one row per segmentation, segment, period kind and closed period with new MRR
{{ config(materialized='view') }}
with

revenue_periods as (select * from {{ ref('int_mrr__by_customer_period') }}),

segments as (select * from {{ ref('int_customer_segments__backdated') }}),

customers as (select * from {{ ref('dim_customers') }}),

referrals as (select * from {{ ref('fct_referrals') }}),

final as (
    select
        segments.segmentation,
        segments.segment,
        revenue_periods.period_kind,
        revenue_periods.period_date,
        {{ money(
            'coalesce(sum(revenue_periods.new_amount) filter (
                where referrals.referred_customer_key is not null
            ), 0)'
        ) }} as earned_new_amount,
        {{ money(
            'coalesce(sum(revenue_periods.new_amount) filter (
                where referrals.referred_customer_key is null
                    and customers.acquisition_channel is null
            ), 0)'
        ) }} as unknown_source_new_amount
    from revenue_periods
    inner join segments
        on segments.customer_key = revenue_periods.customer_key
        and segments.valid_from_date <= revenue_periods.period_date
        and segments.valid_to_date > revenue_periods.period_date
    inner join customers
        on customers.customer_key = revenue_periods.customer_key
    left join referrals
        on referrals.referred_customer_key = revenue_periods.customer_key
    where revenue_periods.new_amount > 0
    group by 1, 2, 3, 4
)

select * from final
