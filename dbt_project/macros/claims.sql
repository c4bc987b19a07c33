{#- Ratio of two means; NULL where one of them is not above 0, as the ratio then means nothing. -#}
{% macro ratio_of_means(one, two) -%}
    case when {{ one }} > 0 and {{ two }} > 0 then {{ one }} / {{ two }} end
{%- endmacro %}

{#- Standard error of the logarithm of that ratio, from the squared errors of the means. -#}
{% macro log_ratio_error(one, squared_error_one, two, squared_error_two) -%}
    sqrt(
            {{ squared_error_one }} / power({{ one }}, 2)
            + {{ squared_error_two }} / power({{ two }}, 2)
        )
{%- endmacro %}

{#- Columns own_figure, own_low and own_high of a claim that is a share, with its Wilson interval;
    there are no two means to be shown beside it. -#}
{% macro claimed_share(count, total) -%}
    round({{ ratio(count, total) }}, 10) as own_figure,
        round({{ wilson_bound(count, total, -1) }}, 10) as own_low,
        round({{ wilson_bound(count, total, 1) }}, 10) as own_high,
        cast(null as double) as own_first_figure,
        cast(null as double) as own_second_figure
{%- endmacro %}
