{#- Columns own_figure, own_low and own_high of a claim: the ratio of two means above 0 with its
    95 % interval on the log scale, less `less`; times −1 if `is_reversed`. Both means stand beside
    it: they are known where their ratio means nothing. -#}
{% macro claimed_ratio(one, error_one, two, error_two, less=0, is_reversed=false) -%}
    {%- set ratio = 'case when ' ~ one ~ ' > 0 and ' ~ two ~ ' > 0 then '
        ~ one ~ ' / ' ~ two ~ ' end' -%}
    {%- set error = 'sqrt(' ~ error_one ~ ' / power(' ~ one ~ ', 2) + '
        ~ error_two ~ ' / power(' ~ two ~ ', 2))' -%}
    {%- set sides = [1, -1] if is_reversed else [-1, 1] -%}
    {%- set sign = '-' if is_reversed else '' -%}
    round({{ sign }}({{ ratio }} - {{ less }}), 10) as own_figure,
        round({{ sign }}({{ log_bound('(' ~ ratio ~ ')', error, sides[0]) }} - {{ less }}), 10)
            as own_low,
        round({{ sign }}({{ log_bound('(' ~ ratio ~ ')', error, sides[1]) }} - {{ less }}), 10)
            as own_high,
        round({{ one }}, 10) as own_first_figure,
        round({{ two }}, 10) as own_second_figure
{%- endmacro %}

{#- The same columns for a share, with its Wilson interval. -#}
{% macro claimed_share(count, total) -%}
    round({{ ratio(count, total) }}, 10) as own_figure,
        round({{ wilson_bound(count, total, -1) }}, 10) as own_low,
        round({{ wilson_bound(count, total, 1) }}, 10) as own_high,
        cast(null as double) as own_first_figure,
        cast(null as double) as own_second_figure
{%- endmacro %}
