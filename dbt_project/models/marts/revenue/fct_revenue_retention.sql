-- Grain: one row per segmentation, segment and closed month
{%- set measures = ['mrr_begin', 'new', 'reactivation', 'expansion', 'cross_sell', 'price',
    'contraction', 'churn'] %}
with

movements as (select * from {{ ref('fct_revenue_movements') }}),

segments as (select * from {{ ref('int_customer_segments__placed') }}),

-- Sums by currency are exact; each is then converted once.
by_currency as (
    select
        segments.segmentation,
        segments.segment,
        movements.month_date,
        movements.currency,
        max(movements.rate_to_reporting) as rate_to_reporting,
        count(*) filter (where movements.mrr_begin_amount > 0) as customer_count,
        {% for measure in measures %}
        cast(sum(movements.{{ measure }}_amount) as decimal(18, 4)) as {{ measure }}_amount
        {{- ',' if not loop.last }}
        {% endfor %}
    from movements
    inner join segments
        on segments.customer_key = movements.customer_key
        and segments.valid_from_date <= movements.month_date
        and segments.valid_to_date > movements.month_date
    where movements.is_closed_month
        and movements.rate_to_reporting is not null
    group by 1, 2, 3, 4
),

summed as (
    select
        segmentation,
        segment,
        month_date,
        sum(customer_count) as customer_count,
        {% for measure in measures %}
        {{ money('coalesce(sum(' ~ to_reporting(measure ~ '_amount', 'rate_to_reporting')
            ~ '), 0)') }} as {{ measure }}_amount
        {{- ',' if not loop.last }}
        {% endfor %}
    from by_currency
    group by 1, 2, 3
),

final as (
    select
        segmentation,
        segment,
        month_date,
        cast(customer_count as bigint) as customer_ledger_count,
        mrr_begin_amount,
        new_amount,
        reactivation_amount,
        expansion_amount,
        cross_sell_amount,
        price_amount,
        contraction_amount,
        churn_amount,
        {{ money('mrr_begin_amount + new_amount + reactivation_amount + expansion_amount'
            ~ ' + cross_sell_amount + price_amount - contraction_amount - churn_amount') }}
            as mrr_end_amount,
        {{ ratio('mrr_begin_amount - contraction_amount - churn_amount', 'mrr_begin_amount') }}
            as grr_rate,
        {{ ratio('mrr_begin_amount + expansion_amount + cross_sell_amount + price_amount'
            ~ ' - contraction_amount - churn_amount', 'mrr_begin_amount') }} as nrr_rate
    from summed
)

select * from final
