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

{#- Bound of the 95 % interval of the net promoter score: the adjusted Wald interval of Rocks (2016)
    with ¾ promoter, 1½ passives and ¾ detractor added, which has a width too where all answers
    agree; it always holds the score itself and stays in −100 to 100. -1 lower, 1 upper. -#}
{% macro nps_bound(promoters, detractors, answers, side) -%}
    {%- set adjusted = [
        '(' ~ promoters ~ ' + 0.75)', '(' ~ detractors ~ ' + 0.75)', '(' ~ answers ~ ' + 3)',
    ] -%}
    {%- set outer = 'least' if side < 0 else 'greatest' -%}
    case when {{ answers }} > 0 then greatest(-100, least(100, {{ outer }}(
        {{ settled(nps(promoters, detractors, answers)) }},
        {{ settled(
            nps(*adjusted) ~ ' + ' ~ side ~ ' * ' ~ interval_reach()
            ~ ' * ' ~ nps_standard_error(*adjusted)
        ) }}
    ))) end
{%- endmacro %}

{#- Standard error of a share. -#}
{% macro share_standard_error(hits, answers) -%}
    sqrt(
        cast({{ hits }} as double) / nullif({{ answers }}, 0)
        * (1 - cast({{ hits }} as double) / nullif({{ answers }}, 0)) / nullif({{ answers }}, 0)
    )
{%- endmacro %}
