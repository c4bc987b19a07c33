{#- What satisfaction by segment is added up from: the name of each count and when a row counts, by
    what the row is (an answer, the answer that speaks for a customer, a survey sent). -#}
{% macro satisfaction_parts() -%}
    {%- set said = {
        'nps_{}': 'nps_class is not null',
        'promoter_{}': "nps_class = 'promoter'",
        'detractor_{}': "nps_class = 'detractor'",
        'csat_{}': 'is_csat_good is not null',
        'csat_good_{}': 'is_csat_good',
        'ces_{}': 'is_low_effort is not null',
        'low_effort_{}': 'is_low_effort',
    } -%}
    {%- set parts = {'answers': {}, 'customers': {}, 'sends': {
        'sent_count': 'true', 'delivered_count': 'is_delivered', 'opened_count': 'is_opened',
        'started_count': 'is_started', 'completed_count': 'is_completed',
    }} -%}
    {%- for name, condition in said.items() -%}
        {%- do parts['answers'].update({name.format('answer_count'): condition}) -%}
        {%- do parts['customers'].update({name.format('customer_count'): condition}) -%}
    {%- endfor -%}
    {%- do parts['answers'].update({
        'unanswered_count': 'score is null',
        'out_of_scale_count': 'score is not null and not is_valid_score',
    }) -%}
    {{ return(parts) }}
{%- endmacro %}
