-- Grain: one row per order, and one more for what was given back of it. Both without tax: of a
-- refund the same share as of the order.
with

money as (
    select
        *,
        lower(trim(financial_status)) as state,
        cancelled_at is not null
        and lower(trim(financial_status)) in ('pending', 'authorized', 'unpaid', 'expired')
            as is_dropped
    from orders
),

parts as (
    select
        *,
        'sale' as transaction_kind,
        case
            -- Any other state has no known meaning, and no amount: the order is refused.
            when is_dropped or state in ('voided', 'expired') then 0
            when
                state in (
                    'paid', 'pending', 'authorized', 'unpaid', 'partially_paid',
                    'partially_refunded', 'refunded'
                )
                then total - coalesce(taxes, 0)
        end as amount
    from money

    union all by name

    select
        *,
        'refund' as transaction_kind,
        cast(refunded * (total - coalesce(taxes, 0)) / nullif(total, 0) as decimal(18, 2))
            as amount
    from money
    where refunded > 0
)

select
    row_number,
    case transaction_kind when 'sale' then 'order-' else 'refund-' end || order_name
        as transaction_id,
    email as customer_email,
    created_at as occurred_at,
    transaction_kind,
    amount,
    currency,
    replace(lower(source), ' ', '_') as channel,
    order_name as order_id
from parts
