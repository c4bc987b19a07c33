-- Grain: one row per segmentation, segment, period type and closed period
with

valued as (select * from {{ ref('int_segments__valued') }}),

totalled as (
    select
        *,
        {{ money('acquisition_cost_amount + coalesce(support_cost_amount, 0)'
            ~ ' + programme_cost_amount') }} as invested_amount
    from valued
),

final as (
    select
        *,
        cast(
            case
                when period_type = 'month' then period_start_date - interval 1 month
                else period_start_date - interval 3 month
            end as date
        ) as previous_period_start_date,
        {{ ratio('churned_count', 'active_start_count') }} as churn_rate,
        {{ wilson_bound('churned_count', 'active_start_count', -1) }} as churn_rate_low,
        {{ wilson_bound('churned_count', 'active_start_count', 1) }} as churn_rate_high,
        {{ money('gross_margin_amount - invested_amount') }} as return_amount,
        {{ ratio('gross_margin_amount - invested_amount', 'invested_amount') }} as customer_roi,
        {{ money(ratio('billed_revenue_amount', 'transaction_count')) }}
            as average_deal_size_amount,
        {{ money(ratio('signed_contract_value_amount', 'new_customer_count')) }}
            as average_contract_value_amount
    from totalled
)

select * from final
