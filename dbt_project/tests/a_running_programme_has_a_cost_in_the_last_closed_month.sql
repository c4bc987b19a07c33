-- Warning, not error: the programme may have ended. If its cost comes later, the benefit of the
-- month counts tonight and what it took does not.
{{ config(severity='warn') }}
with

costs as (select * from {{ ref('int_programme_costs__by_customer') }}),

closed as (
    select max(month_date) as last_month_date
    from {{ ref('fct_customer_months') }}
    where is_closed_month
),

final as (
    select
        costs.programme_id,
        max(costs.month_date) as last_cost_month_date
    from costs
    cross join closed
    group by costs.programme_id, closed.last_month_date
    having {{ month_index('max(costs.month_date)') }}
        = {{ month_index('closed.last_month_date') }} - 1
)

select * from final
