-- Grain: one row per money movement with a customer
with

transactions as (select * from {{ ref('int_transactions__in_reporting_currency') }}),

settings as (select * from {{ ref('int_settings') }}),

measures as (
    select
        transactions.*,
        case
            when transactions.transaction_kind in ('sale', 'shipping')
                then transactions.reporting_amount
            else 0 * transactions.reporting_amount
        end as gross_revenue_amount,
        case
            when transactions.transaction_kind = 'refund' then transactions.reporting_amount
            else 0 * transactions.reporting_amount
        end as refund_amount,
        case
            when transactions.transaction_kind = 'payment' then transactions.reporting_amount
            else 0 * transactions.reporting_amount
        end as payment_amount,
        -- A refund takes back the cost it states; cost it does not state is not recovered.
        case
            when transactions.reporting_amount is null then null
            when transactions.transaction_kind = 'payment' then 0
            when transactions.transaction_kind = 'refund'
                then -coalesce(transactions.reporting_cost_amount, 0)
            when transactions.reporting_cost_amount is not null
                then transactions.reporting_cost_amount
            else {{ money('transactions.reporting_amount * (1 - settings.default_margin_rate)') }}
        end as cost_of_sales_amount,
        case
            when transactions.reporting_amount is null then 'unknown'
            when transactions.transaction_kind in ('payment', 'refund') then 'known'
            when transactions.reporting_cost_amount is not null then 'known'
            when settings.default_margin_rate is not null then 'default_margin_rate'
            else 'unknown'
        end as cost_rule
    from transactions
    cross join settings
),

final as (
    select
        transaction_id,
        customer_key,
        occurred_at,
        business_date,
        cast(date_trunc('month', business_date) as date) as month_date,
        transaction_kind,
        product,
        product_category,
        quantity,
        channel,
        contract_id,
        coalesce(order_id, transaction_id) as order_id,
        currency,
        amount as original_amount,
        rate_to_reporting,
        is_before_first_rate,
        {{ money('gross_revenue_amount') }} as gross_revenue_amount,
        {{ money('refund_amount') }} as refund_amount,
        {{ money('gross_revenue_amount - refund_amount') }} as net_revenue_amount,
        {{ money('payment_amount') }} as payment_amount,
        {{ money('cost_of_sales_amount') }} as cost_of_sales_amount,
        {{ money('gross_revenue_amount - refund_amount - cost_of_sales_amount') }}
            as gross_margin_amount,
        cost_rule
    from measures
)

select * from final
