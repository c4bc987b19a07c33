-- Sums over the segments of a segmentation against segmentation 'all', to the last digit.
{%- set parts = [
    'customer_count', 'customers_at_start_count', 'lost_count', 'new_count',
    'customers_at_end_count', 'net_revenue_amount', 'invested_amount', 'billed_revenue_amount',
    'transaction_count', 'signed_contract_value_amount', 'ticket_count', 'nps_answer_count',
    'promoter_count', 'detractor_count', 'csat_answer_count', 'csat_good_count',
    'ces_answer_count', 'ces_low_effort_count', 'replied_ticket_count', 'signed_contract_count',
    'acquisition_cost_amount', 'support_cost_amount', 'programme_cost_amount',
    'deal_count', 'deal_value_amount', 'new_contract_customer_count', 'new_contract_value_amount',
    'margin_unknown_customer_count', 'support_cost_unknown_customer_month_count',
    'acquisition_cost_unknown_customer_count', 'unallocated_programme_cost_amount',
] %}
with

segments as (select * from {{ ref('fct_segment_roi') }}),

summed as (
    select
        {% for part in parts %}
        sum({{ part }}) as {{ part }},
        {% endfor %}
        segmentation,
        period_kind,
        period_date
    from segments
    group by segmentation, period_kind, period_date
),

wholes as (select * from summed where segmentation = 'all')

select
    summed.segmentation,
    summed.period_kind,
    summed.period_date
from summed
inner join wholes
    on wholes.period_kind = summed.period_kind
    and wholes.period_date = summed.period_date
where false
    {% for part in parts %}
    or summed.{{ part }} <> wholes.{{ part }}
    {% endfor %}
