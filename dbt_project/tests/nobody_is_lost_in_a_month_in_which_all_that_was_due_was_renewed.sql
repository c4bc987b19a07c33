-- Churn and renewals of a month agree: customers who are lost in a closed month though every
-- contract of theirs that ended in it was renewed.
with

months as (select * from {{ ref('fct_customer_months') }}),

due as (select * from {{ ref('int_renewals__due') }}),

due_months as (
    select
        customer_key,
        cast(date_trunc('month', due_date) as date) as month_date,
        count(*) as due_count,
        count(*) filter (where outcome = 'renewed') as renewed_count
    from due
    group by 1, 2
)

select
    months.customer_key,
    months.month_date,
    due_months.due_count,
    due_months.renewed_count
from months
inner join due_months
    on due_months.customer_key = months.customer_key
    and due_months.month_date = months.month_date
where months.is_closed_month
    and months.is_churned
    and due_months.renewed_count = due_months.due_count
