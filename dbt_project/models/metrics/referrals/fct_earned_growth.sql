-- Grain: one row per segmentation, segment, period kind and closed period
with

retention as (select * from {{ ref('fct_revenue_retention') }}),

new_revenue as (select * from {{ ref('int_new_revenue__by_source') }}),

referrals as (select * from {{ ref('fct_referrals') }}),

-- A company that records no referral has not earned 0.
recorded as (
    select count(*) > 0 as is_recorded
    from referrals
),

joined as (
    select
        retention.*,
        case
            when recorded.is_recorded then coalesce(new_revenue.earned_new_amount, 0)
        end as earned_new_amount,
        coalesce(new_revenue.unknown_source_new_amount, 0) as unknown_source_new_amount
    from retention
    cross join recorded
    left join new_revenue
        on new_revenue.segmentation = retention.segmentation
        and new_revenue.segment = retention.segment
        and new_revenue.period_kind = retention.period_kind
        and new_revenue.period_date = retention.period_date
),

growth as (
    select
        *,
        {{ ratio('earned_new_amount', 'mrr_begin_amount') }} as earned_new_rate,
        {{ ratio('mrr_end_amount - mrr_begin_amount', 'mrr_begin_amount') }} as growth_rate,
        -- Amounts first: rates would lose the last digits.
        mrr_begin_amount + expansion_amount + cross_sell_amount + price_amount
            - contraction_amount - churn_amount + earned_new_amount - mrr_begin_amount
            as earned_growth_amount
    from joined
),

final as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        customer_count,
        mrr_begin_amount,
        mrr_end_amount,
        new_amount,
        {{ money('earned_new_amount') }} as earned_new_amount,
        {{ money('unknown_source_new_amount') }} as unknown_source_new_amount,
        {{ money('earned_growth_amount') }} as earned_growth_amount,
        nrr_rate,
        earned_new_rate,
        {{ ratio('earned_growth_amount', 'mrr_begin_amount') }} as earned_growth_rate,
        growth_rate,
        -- A share of growth: none where there was no growth, or less than nothing was earned of it.
        case
            when mrr_end_amount > mrr_begin_amount and earned_growth_amount >= 0
                then {{ ratio('earned_growth_amount', 'mrr_end_amount - mrr_begin_amount') }}
        end as earned_growth_ratio
    from growth
)

select * from final
