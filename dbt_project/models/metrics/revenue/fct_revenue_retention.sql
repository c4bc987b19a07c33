-- Grain: one row per segmentation, segment, period kind and closed period
{%- set amounts = ['mrr_begin', 'new', 'reactivation', 'expansion', 'cross_sell', 'price',
    'contraction', 'churn', 'mrr_end'] %}
with

customer_periods as (select * from {{ ref('int_mrr__by_customer_period') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

summed as (
    select
        memberships.segmentation,
        memberships.segment,
        customer_periods.period_kind,
        customer_periods.period_date,
        count(*) filter (where customer_periods.mrr_begin_amount > 0) as customer_count
        {%- for amount in amounts %},
        cast(sum(customer_periods.{{ amount }}_amount) as decimal(18, 4)) as {{ amount }}_amount
        {%- endfor %}
    from customer_periods
    inner join memberships
        on memberships.customer_key = customer_periods.customer_key
        and memberships.valid_from_date <= customer_periods.period_date
        and memberships.valid_to_date > customer_periods.period_date
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
        {{ ratio(
            'mrr_begin_amount + expansion_amount + cross_sell_amount + price_amount
            - contraction_amount - churn_amount',
            'mrr_begin_amount'
        ) }} as nrr_rate
    from summed
)

select * from final
