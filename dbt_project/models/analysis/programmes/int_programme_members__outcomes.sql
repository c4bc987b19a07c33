-- Grain: one row per customer active when a closed month began, and month
{{ config(materialized='view') }}
with

months as (select * from {{ ref('fct_customer_months') }}),

referrals as (select * from {{ ref('fct_referrals') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

referred as (
    select
        referrer_customer_key as customer_key,
        month_date,
        count(*) as referral_count
    from referrals
    group by 1, 2
),

answered as (
    select
        customer_key,
        month_date,
        count(*) as nps_answer_count,
        count(*) filter (where nps_class = 'promoter') as promoter_count,
        count(*) filter (where nps_class = 'detractor') as detractor_count
    from responses
    where survey_scope = 'relationship'
        and nps_class is not null
    group by 1, 2
),

final as (
    select
        months.customer_key,
        months.month_date,
        1 as customer_month_count,
        case when months.is_churned then 1 else 0 end as lost_count,
        case when months.contribution_amount is null then 1 else 0 end
            as unknown_contribution_count,
        coalesce(referred.referral_count, 0) as referral_count,
        coalesce(answered.nps_answer_count, 0) as nps_answer_count,
        coalesce(answered.promoter_count, 0) as promoter_count,
        coalesce(answered.detractor_count, 0) as detractor_count,
        months.net_revenue_amount,
        coalesce(months.contribution_amount, 0) as contribution_amount
    from months
    left join referred
        on referred.customer_key = months.customer_key
        and referred.month_date = months.month_date
    left join answered
        on answered.customer_key = months.customer_key
        and answered.month_date = months.month_date
    where months.is_closed_month
        and months.is_active_at_start
)

select * from final
