{#- What satisfaction by segment is added up from: the name of each count and when a row counts, by
    what the row is (an answer, the answer that speaks for a customer, a survey sent). -#}
{% macro satisfaction_parts() -%}
    {%- set said = {
        'nps_{total}': 'nps_class is not null',
        'promoter_{part}': "nps_class = 'promoter'",
        'detractor_{part}': "nps_class = 'detractor'",
        'csat_{total}': 'is_csat_good is not null',
        'csat_good_{part}': 'is_csat_good',
        'ces_{total}': 'is_low_effort is not null',
        'ces_low_effort_{part}': 'is_low_effort',
    } -%}
    {%- set parts = {'answers': {}, 'customers': {}, 'sends': {
        'sent_count': 'true', 'delivered_count': 'is_delivered', 'opened_count': 'is_opened',
        'started_count': 'is_started', 'completed_count': 'is_completed',
    }} -%}
    {%- for name, condition in said.items() -%}
        {%- do parts['answers'].update({
            name.format(total='answer_count', part='count'): condition,
        }) -%}
        {%- do parts['customers'].update({
            name.format(total='customer_count', part='customer_count'): condition,
        }) -%}
    {%- endfor -%}
    {%- do parts['answers'].update({
        'unanswered_count': 'score is null',
        'out_of_scale_count': 'score is not null and not is_valid_score',
    }) -%}
    {{ return(parts) }}
{%- endmacro %}
