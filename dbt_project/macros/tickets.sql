{#- Status of a ticket as tickets have it, however an event writes it; NULL for what is none. -#}
{% macro ticket_status(value) -%}
    case replace(replace(lower(trim({{ value }})), ' ', '-'), '_', '-')
        when 'on-hold' then 'hold'
        {%- for status in ['new', 'open', 'pending', 'hold', 'solved', 'closed'] %}
        when '{{ status }}' then '{{ status }}'
        {%- endfor %}
    end
{%- endmacro %}
