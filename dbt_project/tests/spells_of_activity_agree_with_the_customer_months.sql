-- Active on the last day of a closed month: by the periods of days and by the customer-months.
select
    months.customer_key,
    months.month_date
from {{ ref('fct_customer_months') }} as months
left join {{ ref('int_customers__active_periods') }} as periods
    on periods.customer_key = months.customer_key
    and periods.from_date <= last_day(months.month_date)
    and periods.to_date > last_day(months.month_date)
where months.is_closed_month
    and months.is_active_at_end <> (periods.customer_key is not null)
