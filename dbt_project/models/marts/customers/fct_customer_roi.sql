-- Grain: one row per customer on the as-of date
with

returned as (select * from {{ ref('int_customers__returned') }}),

final as (
    select
        customer_key,
        as_of_date,
        customer_kind,
        lifecycle,
        is_active,
        tenure_months,
        churned_month_date,
        months_since_churn,
        net_revenue_12m_amount,
        gross_margin_12m_amount,
        acquisition_cost_12m_amount,
        support_cost_12m_amount,
        programme_cost_12m_amount,
        invested_12m_amount,
        return_12m_amount,
        customer_roi_12m,
        net_revenue_lifetime_amount,
        gross_margin_lifetime_amount,
        acquisition_cost_lifetime_amount,
        support_cost_lifetime_amount,
        programme_cost_lifetime_amount,
        invested_lifetime_amount,
        return_lifetime_amount,
        customer_roi_lifetime,
        is_acquisition_cost_known,
        is_support_cost_known,
        historic_clv_amount,
        active_month_12m_count,
        margin_per_active_month_amount,
        kind_monthly_churn_rate,
        average_lifetime_months,
        simple_clv_amount,
        transaction_12m_count,
        billed_revenue_12m_amount,
        refund_12m_amount,
        average_transaction_gross_amount,
        average_transaction_net_amount,
        signed_contract_count,
        signed_acv_amount,
        average_contract_value_amount
    from returned
)

select * from final
