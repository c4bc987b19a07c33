-- Foreign keys of published tables, as their contracts declare them: each value that is there is a
-- row of the table it points to. One row per key that is not. An id that comes with the extract of
-- another entity, such as the ticket of an answer, is none: that entity may not be delivered.
{#- The table, its columns, and who points to them by which of its own. -#}
{%- set keys = [
    ('dim_customers', ['customer_key'], {
        'bridge_customer_identities': [['customer_key']],
        'bridge_customer_segments': [['customer_key']],
        'dim_customers': [['referred_by_customer_key']],
        'fct_churn_risk': [['customer_key']],
        'fct_clv': [['customer_key']],
        'fct_contracts': [['customer_key']],
        'fct_customer_health': [['customer_key']],
        'fct_customer_months': [['customer_key']],
        'fct_customer_roi': [['customer_key']],
        'fct_engagement': [['customer_key']],
        'fct_interactions': [['customer_key']],
        'fct_onboarding': [['customer_key']],
        'fct_referrals': [['referred_customer_key'], ['referrer_customer_key']],
        'fct_revenue_movements': [['customer_key']],
        'fct_support_costs': [['customer_key']],
        'fct_survey_responses': [['customer_key']],
        'fct_tickets': [['customer_key']],
        'fct_transactions': [['customer_key']],
        'rpt_ambassadors': [['customer_key']],
        'rpt_customers_at_risk': [['customer_key']],
        'rpt_feedback_to_close': [['customer_key']],
        'rpt_next_actions': [['customer_key']],
        'rpt_upcoming_renewals': [['customer_key']],
    }),
    ('dim_dates', ['date_day'], {
        'fct_interactions': [['business_date']],
        'fct_survey_responses': [['business_date']],
        'fct_tickets': [['opened_date']],
        'fct_transactions': [['business_date']],
    }),
    ('dim_segments', ['segmentation', 'segment'], {
        'bridge_customer_segments': [['segmentation', 'segment']],
        'fct_churn': [['segmentation', 'segment']],
        'fct_churn_reasons': [['segmentation', 'segment']],
        'fct_cohort_value': [['segmentation', 'segment']],
        'fct_earned_growth': [['segmentation', 'segment']],
        'fct_programme_balance': [['segmentation', 'segment']],
        'fct_programme_cohorts': [['segmentation', 'segment']],
        'fct_programme_effects': [['segmentation', 'segment']],
        'fct_programme_entries': [['segmentation', 'segment']],
        'fct_programme_months': [['segmentation', 'segment']],
        'fct_programme_roi': [['segmentation', 'segment']],
        'fct_renewals': [['segmentation', 'segment']],
        'fct_revenue_retention': [['segmentation', 'segment']],
        'fct_segment_changes': [['segmentation', 'segment']],
        'fct_segment_roi': [['segmentation', 'segment']],
        'fct_segment_satisfaction': [['segmentation', 'segment']],
    }),
    ('fct_churn', ['segmentation', 'segment', 'period_kind', 'period_date'], {
        'fct_churn_reasons': [['segmentation', 'segment', 'period_kind', 'period_date']],
    }),
    ('fct_contracts', ['contract_id'], {
        'rpt_next_actions': [['contract_id']],
        'rpt_upcoming_renewals': [['contract_id']],
    }),
    ('fct_customer_health', ['customer_key', 'score_date'], {
        'fct_churn_risk': [['customer_key', 'score_date']],
        'rpt_customers_at_risk': [['customer_key', 'as_of_date']],
    }),
    ('fct_customer_months', ['customer_key', 'month_date'], {
        'fct_engagement': [['customer_key', 'month_date']],
    }),
    ('fct_customer_roi', ['customer_key', 'as_of_date'], {
        'fct_clv': [['customer_key', 'as_of_date']],
    }),
    ('fct_health_backtest', [
        'score_kind', 'population', 'customer_kind', 'is_pooled', 'score_date',
    ], {
        'fct_health_calibration': [[
            'score_kind', 'population', 'customer_kind', 'is_pooled', 'score_date',
        ]],
    }),
    ('fct_programme_roi', ['programme_id', 'segmentation', 'segment'], {
        'fct_programme_balance': [['programme_id', 'segmentation', 'segment']],
        'fct_programme_cohorts': [['programme_id', 'segmentation', 'segment']],
        'fct_programme_effects': [['programme_id', 'segmentation', 'segment']],
        'fct_programme_entries': [['programme_id', 'segmentation', 'segment']],
        'fct_programme_months': [['programme_id', 'segmentation', 'segment']],
    }),
    ('fct_revenue_retention', ['segmentation', 'segment', 'period_kind', 'period_date'], {
        'fct_earned_growth': [['segmentation', 'segment', 'period_kind', 'period_date']],
    }),
    ('fct_segment_roi', ['segmentation', 'segment', 'period_kind', 'period_date'], {
        'fct_churn': [['segmentation', 'segment', 'period_kind', 'period_date']],
        'fct_segment_changes': [['segmentation', 'segment', 'period_kind', 'period_date']],
    }),
    ('fct_survey_responses', ['response_id'], {
        'rpt_feedback_to_close': [['response_id']],
    }),
    ('rpt_feedback_to_close', ['response_id'], {
        'rpt_next_actions': [['response_id']],
    }),
] %}
{%- set together = joiner('union all') %}
{%- for parent, parent_columns, children in keys %}
{%- for child, keys_of_child in children.items() %}
{%- for columns in keys_of_child %}
{{ together() }}
select
    '{{ child }}' as table_name,
    '{{ columns | join(', ') }}' as column_names,
    '{{ parent }}' as parent_name,
    count(*) as missing_count
from {{ ref(child) }} as child
where
    {% for column in columns -%}
    child.{{ column }} is not null
    and {% endfor -%}
    not exists (
        select 1
        from {{ ref(parent) }} as parent
        where
            {% for column in columns -%}
            parent.{{ parent_columns[loop.index0] }} = child.{{ column }}
            {{ 'and ' if not loop.last }}
            {%- endfor %}
    )
having count(*) > 0
{%- endfor %}
{%- endfor %}
{%- endfor %}
