-- Grain: one row per customer and closed month with MRR at its start or end, over all currencies
{%- set movements = [
    'new', 'reactivation', 'expansion', 'cross_sell', 'price', 'contraction', 'churn',
] %}
with

ledgers as (select * from {{ ref('fct_revenue_movements') }}),

-- At one rate per currency for all months, so that no rate moves MRR.
summed as (
    select
        customer_key,
        month_date,
        {% for movement in movements %}
        {{ money('sum(' ~ to_reporting(movement ~ '_amount', 'rate_to_reporting') ~ ')') }}
            as {{ movement }}_amount,
        {% endfor %}
        {{ money('sum(' ~ to_reporting('mrr_begin_amount', 'rate_to_reporting') ~ ')') }}
            as mrr_begin_amount,
        {{ money('sum(' ~ to_reporting('mrr_end_amount', 'rate_to_reporting') ~ ')') }}
            as mrr_end_amount
    from ledgers
    where is_closed_month
        and rate_to_reporting is not null
    group by customer_key, month_date
),

judged as (
    select
        *,
        coalesce(max(mrr_end_amount) over (
            partition by customer_key
            order by month_date
            rows between unbounded preceding and 1 preceding
        ), 0) > 0 as had_mrr_before,
        churn_amount + contraction_amount > 0 as is_less_of_something
    from summed
),

-- A customer who goes from one currency to another neither leaves nor comes: their ledgers are
-- netted as lines are inside one.
named as (
    select
        customer_key,
        month_date,
        mrr_begin_amount,
        mrr_end_amount,
        case when mrr_begin_amount = 0 and not had_mrr_before then mrr_end_amount else 0 end
            as new_amount,
        case when mrr_begin_amount = 0 and had_mrr_before then mrr_end_amount else 0 end
            as reactivation_amount,
        case when mrr_end_amount = 0 then mrr_begin_amount else 0 end as churn_amount,
        case when mrr_end_amount > 0 then greatest(mrr_begin_amount - mrr_end_amount, 0) else 0 end
            as contraction_amount,
        case
            when mrr_begin_amount = 0 or is_less_of_something then 0
            else least(price_amount, greatest(mrr_end_amount - mrr_begin_amount, 0))
        end as price_amount,
        case
            when mrr_begin_amount = 0 or is_less_of_something then 0
            else least(
                cross_sell_amount, greatest(mrr_end_amount - mrr_begin_amount - price_amount, 0)
            )
        end as cross_sell_amount
    from judged
    where mrr_begin_amount > 0
        or mrr_end_amount > 0
),

final as (
    select
        customer_key,
        month_date,
        {{ money('mrr_begin_amount') }} as mrr_begin_amount,
        {{ money('new_amount') }} as new_amount,
        {{ money('reactivation_amount') }} as reactivation_amount,
        {{ money('case when mrr_begin_amount = 0 then 0 else '
            ~ 'greatest(mrr_end_amount - mrr_begin_amount, 0) - price_amount'
            ~ ' - cross_sell_amount end')
        }} as expansion_amount,
        {{ money('cross_sell_amount') }} as cross_sell_amount,
        {{ money('price_amount') }} as price_amount,
        {{ money('contraction_amount') }} as contraction_amount,
        {{ money('churn_amount') }} as churn_amount,
        {{ money('mrr_end_amount') }} as mrr_end_amount
    from named
)

select * from final
