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

{#- Bound of the 95 % interval of the net promoter score, ± 1.96 standard errors and never outside
    −100 to 100: -1 for the lower bound, 1 for the upper. -#}
{% macro nps_bound(promoters, detractors, answers, side) -%}
    case when {{ answers }} > 0 then greatest(-100, least(100, {{ settled(
        nps(promoters, detractors, answers) ~ ' + ' ~ side ~ ' * ' ~ interval_reach()
        ~ ' * ' ~ nps_standard_error(promoters, detractors, answers)
    ) }})) end
{%- endmacro %}

{#- Standard error of a share. -#}
{% macro share_standard_error(hits, answers) -%}
    sqrt(
        cast({{ hits }} as double) / nullif({{ answers }}, 0)
        * (1 - cast({{ hits }} as double) / nullif({{ answers }}, 0)) / nullif({{ answers }}, 0)
    )
{%- endmacro %}
