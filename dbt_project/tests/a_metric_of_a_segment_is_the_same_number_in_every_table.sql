-- Ratios of sums over customers in fct_segment_changes against what the sums of the segment give;
-- amounts there are rounded to 0.0001. NPS and CSAT, which two tables count, against each other,
-- but for a quarter in whose midst the records begin: fct_segment_roi has nothing to say of it.
{%- set in_roi = {
    'customer_roi': 'customer_roi', 'average_deal_size': 'average_deal_size_amount',
    'average_transaction_gross': 'average_transaction_gross_amount',
    'average_contract_value': 'average_contract_value_amount',
    'first_reply_time': 'average_first_reply_time_calendar_minutes',
} %}
with elsewhere as (
    {% for metric, column in in_roi.items() %}
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        '{{ metric }}' as metric_name,
        cast({{ column }} as double) as value
    from {{ ref('fct_segment_roi') }}
    union all
    {% endfor %}
    {% for metric in ['grr_rate', 'nrr_rate'] %}
    select
        segmentation,
        segment,
        period_kind,
        period_date,
        '{{ metric }}' as metric_name,
        {{ metric }} as value
    from {{ ref('fct_revenue_retention') }}
    where period_kind <> 'twelve_months'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    elsewhere.*,
    changes.value as changes_value
from elsewhere
left join {{ ref('fct_segment_changes') }} as changes
    on {{ same('changes', 'elsewhere',
        ['segmentation', 'segment', 'period_kind', 'period_date', 'metric_name']) }}
where coalesce(abs(changes.value - elsewhere.value) > 0.0001, false)
    or (changes.value is null) <> (elsewhere.value is null)
{% for column, kind, scope, counted in [
    ('nps', 'nps', 'relationship', 'nps_answer_count'),
    ('csat_rate', 'csat', 'transactional', 'csat_answer_count'),
] %}
union all
select
    roi.segmentation,
    roi.segment,
    roi.period_kind,
    roi.period_date,
    '{{ column }}' as metric_name,
    roi.{{ column }} as value,
    answers.{{ column }} as changes_value
from {{ ref('fct_segment_roi') }} as roi
inner join {{ ref('fct_segment_satisfaction') }} as answers
    on {{ same('answers', 'roi', ['segmentation', 'segment', 'period_kind', 'period_date']) }}
    and answers.survey_kind = '{{ kind }}'
    and answers.survey_scope = '{{ scope }}'
where roi.{{ counted }} is not null
    and roi.{{ column }} is distinct from answers.{{ column }}
{% endfor %}
