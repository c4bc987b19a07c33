{#- Share of the group below a value, equals counted half, as 0–100: equal values get one score, and
    the scores of a group always average 50. A window function; `value` must not be null in it. -#}
{% macro rank_score(value, partition) -%}
    100 * (
        rank() over (partition by {{ partition }} order by {{ value }}) - 1
        + cast(count(*) over (partition by {{ partition }}, {{ value }}) as double) / 2
    ) / count(*) over (partition by {{ partition }})
{%- endmacro %}

{#- Share of the earlier amount that is left, 0–100: growth scores no more than no loss; NULL where
    both are 0. -#}
{% macro retained_score(recent, before) -%}
    case
        when {{ before }} > 0
            then 100 * least(1, greatest(0, cast({{ recent }} as double) / nullif({{ before }}, 0)))
        when {{ recent }} > 0 then 100
    end
{%- endmacro %}

{#- Mean of the parts that are known; NULL where none is. -#}
{% macro mean_of_known(parts) -%}
    (
        {%- for part in parts %}
        coalesce({{ part }}, 0){{ ' +' if not loop.last }}
        {%- endfor %}
    ) / nullif(
        {%- for part in parts %}
        case when {{ part }} is null then 0 else 1 end{{ ' +' if not loop.last }}
        {%- endfor %}, 0)
{%- endmacro %}
