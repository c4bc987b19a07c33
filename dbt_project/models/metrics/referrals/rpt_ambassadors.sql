-- Grain: one row per customer who referred another
with

referrals as (select * from {{ ref('fct_referrals') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

referred as (
    select
        referrer_customer_key as customer_key,
        count(*) as referred_count,
        count(*) filter (where is_active) as active_referred_count,
        min(referral_date) as first_referral_date,
        max(referral_date) as last_referral_date,
        {{ money('sum(net_revenue_lifetime_amount)') }} as referred_net_revenue_amount,
        case
            when count(*) = count(historic_clv_amount)
                then {{ money('sum(historic_clv_amount)') }}
        end as referred_contribution_amount,
        sum(support_cost_unknown_month_count) as support_cost_unknown_month_count,
        count(acquisition_cost_saved_amount) as saved_known_count,
        {{ money('sum(acquisition_cost_saved_amount)') }} as acquisition_cost_saved_amount
    from referrals
    where referrer_customer_key <> 'unknown'
    group by referrer_customer_key
),

final as (
    select
        referred.customer_key,
        returns.customer_kind,
        returns.is_active,
        referred.referred_count,
        referred.active_referred_count,
        referred.first_referral_date,
        referred.last_referral_date,
        referred.referred_net_revenue_amount,
        referred.referred_contribution_amount,
        referred.saved_known_count,
        referred.acquisition_cost_saved_amount,
        returns.historic_clv_amount,
        {{ money(
            'returns.historic_clv_amount + referred.referred_contribution_amount
            + coalesce(referred.acquisition_cost_saved_amount, 0)'
        ) }} as value_with_referrals_amount,
        cast(
            returns.support_cost_unknown_month_count + referred.support_cost_unknown_month_count
            as bigint
        ) as support_cost_unknown_month_count,
        cast(row_number() over (
            order by
                referred.referred_contribution_amount desc nulls last,
                referred.referred_net_revenue_amount desc,
                referred.customer_key
        ) as int) as ambassador_rank
    from referred
    inner join returns
        on returns.customer_key = referred.customer_key
)

select * from final
