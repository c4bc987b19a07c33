{#- By which rule a customer is active: who ever had a paid contract is so by contract; who only
    ever tried is not yet a customer; anybody else by purchases and use. -#}
{% macro activity_rule(customer_key, paid_begins, trial_begins, last_purchase_date) -%}
    case
        when {{ customer_key }} = 'unknown' then 'none'
        when {{ paid_begins }} > 0 then 'contract'
        when {{ trial_begins }} > 0 and {{ last_purchase_date }} is null then 'trial'
        else 'inactivity_window'
    end
{%- endmacro %}

{#- Active on a day, by the rule: a paid contract in force, or bought or used inside the window. -#}
{% macro is_active(rule, paid_contract_count, last_activity_date, day) -%}
    case
        when {{ rule }} = 'contract' then {{ paid_contract_count }} > 0
        when {{ rule }} = 'inactivity_window' then coalesce(
            {{ days_between(last_activity_date, day) }} <= inactivity_window_days, false
        )
        else false
    end
{%- endmacro %}

{#- Last day of purchase or use, of those the rule in force counts as evidence of being active. -#}
{% macro latest_counted(purchase_date, use_date) -%}
    {%- set purchase = 'case when is_purchase_counted then ' ~ purchase_date ~ ' end' -%}
    {%- set use = 'case when is_use_counted then ' ~ use_date ~ ' end' -%}
    greatest(coalesce({{ purchase }}, {{ use }}), coalesce({{ use }}, {{ purchase }}))
{%- endmacro %}
