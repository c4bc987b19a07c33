-- Grain: one row per contract that ends or renews within 90 days
{{ config(materialized='view') }}
with

rpt_upcoming_renewals as (select * from {{ ref('rpt_upcoming_renewals') }}),

customers as (select * from {{ ref('fct_customer_roi') }}),

final as (
    select
        renewals.next_renewal_date,
        renewals.days_to_renewal,
        renewals.customer_key,
        customers.customer_kind,
        renewals.contract_id,
        renewals.product,
        renewals.acv_amount,
        renewals.renewal_basis,
        renewals.is_under_notice,
        customers.net_revenue_12m_amount
    from rpt_upcoming_renewals as renewals
    left join customers on renewals.customer_key = customers.customer_key
    where renewals.days_to_renewal <= 90
)

select * from final
