-- Grain: one row per segmentation, segment, period kind and closed period
{%- set amounts = ['mrr_begin', 'new', 'reactivation', 'expansion', 'cross_sell', 'price',
    'contraction', 'churn', 'mrr_end'] %}
with

consolidated as (select * from {{ ref('int_mrr__by_customer_period') }}),

segments as (select * from {{ ref('int_customer_segments__backdated') }}),

summed as (
    select
        segments.segmentation,
        segments.segment,
        consolidated.period_kind,
        consolidated.period_date,
        count(*) filter (where consolidated.mrr_begin_amount > 0) as customer_count
        {%- for amount in amounts %},
        {{ money('sum(consolidated.' ~ amount ~ '_amount)') }} as {{ amount }}_amount
        {%- endfor %}
    from consolidated
    inner join segments
        on segments.customer_key = consolidated.customer_key
        and segments.valid_from_date <= consolidated.period_date
        and segments.valid_to_date > consolidated.period_date
    group by 1, 2, 3, 4
),

final as (
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        customer_count,
        {%- for amount in amounts %}
        {{ amount }}_amount,
        {%- endfor %}
        {{ ratio('mrr_begin_amount - contraction_amount - churn_amount', 'mrr_begin_amount') }}
            as grr_rate,
        {{ ratio('mrr_begin_amount + expansion_amount + cross_sell_amount + price_amount'
            ~ ' - contraction_amount - churn_amount', 'mrr_begin_amount') }} as nrr_rate
    from summed
)

select * from final
