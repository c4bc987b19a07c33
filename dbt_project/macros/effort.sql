{#- Signs of effort that the handling of a ticket shows, each weighed in effort_weights. -#}
{% macro effort_signs() -%}
    {{ return([
        'repeat_contact', 'reopened', 'handed_off', 'channel_switched', 'generic_answer',
    ]) }}
{%- endmacro %}
