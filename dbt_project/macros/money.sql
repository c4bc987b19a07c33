{#- Amount in the reporting currency; NULL when there is no rate. Wide decimals are slow, and most
    rows are in the reporting currency already. -#}
{% macro to_reporting(amount, rate) -%}
    case
        when {{ rate }} = 1 then cast({{ amount }} as decimal(18, 4))
        else cast({{ amount }} * {{ rate }} as decimal(18, 4))
    end
{%- endmacro %}

{#- Value of an analyst setting, NULL where it is empty; an aggregate over the seed. -#}
{% macro setting(name, type) -%}
    cast(max(case when setting_name = '{{ name }}' then nullif(trim(setting_value), '') end)
        as {{ type }})
{%- endmacro %}

{#- Position of a day on a scale of months, so that differences count part months by their days:
    2025-01-16 to 2025-03-01 is 16/31 + 1. -#}
{% macro month_position(day) -%}
    (year({{ day }}) * 12 + month({{ day }})
        + (cast(day({{ day }}) as double) - 1) / day(last_day({{ day }})))
{%- endmacro %}

{#- Months that a recurring amount covers; NULL where its period is no number of months. -#}
{% macro billing_months(terms) -%}
    coalesce({{ terms }}.billing_period_count, 1) * case {{ terms }}.billing_period
        when 'month' then 1
        when 'quarter' then 3
        when 'half_year' then 6
        when 'year' then 12
    end
{%- endmacro %}

{#- Recurring amount of a year, in the currency of the contract. A year has 365.25 / 7 weeks: a
    thirteenth of four weeks is no month. -#}
{% macro annual_amount(terms) -%}
    {{ money(
        "case
            when " ~ terms ~ ".contract_kind = 'trial' then 0
            when " ~ terms ~ ".billing_period = 'week'
                then " ~ terms ~ ".recurring_amount * 365.25 / 7
                    / coalesce(" ~ terms ~ ".billing_period_count, 1)
            when " ~ terms ~ ".billing_period <> 'once'
                then " ~ terms ~ ".recurring_amount * cast(12 as double)
                    / (" ~ billing_months(terms) ~ ")
            else 0
        end"
    ) }}
{%- endmacro %}
