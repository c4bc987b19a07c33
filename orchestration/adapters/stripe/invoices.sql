-- Grain: one row per invoice, without its tax.
select
    row_number,
    id as transaction_id,
    customer_id,
    customer_email,
    coalesce(finalized_at, dated_at) as occurred_at,
    case
        when lower(trim(status)) in ('void', 'uncollectible') then 0
        else total - coalesce(tax, 0)
    end as amount,
    currency,
    subscription_id as contract_id,
    number as order_id
from invoices
