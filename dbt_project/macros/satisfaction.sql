{#- Net promoter score, −100 to 100; NULL without answers. -#}
{% macro nps(promoters, detractors, answers) -%}
    cast(100 * ({{ promoters }} - {{ detractors }}) as double) / nullif({{ answers }}, 0)
{%- endmacro %}

{#- Standard error of the net promoter score in points: 100·√((p + d − (p − d)²) / n), with
    the shares p and d of the counts. -#}
{% macro nps_standard_error(promoters, detractors, answers) -%}
    100 * sqrt(greatest(
        cast({{ promoters }} + {{ detractors }} as double) / nullif({{ answers }}, 0)
        - power(cast({{ promoters }} - {{ detractors }} as double) / nullif({{ answers }}, 0), 2),
        0
    ) / nullif({{ answers }}, 0))
{%- endmacro %}

{#- Standard error of a share. -#}
{% macro share_standard_error(hits, answers) -%}
    sqrt(
        cast({{ hits }} as double) / nullif({{ answers }}, 0)
        * (1 - cast({{ hits }} as double) / nullif({{ answers }}, 0)) / nullif({{ answers }}, 0)
    )
{%- endmacro %}
