{#- Time from now until `until`, each moment discounted to now at a rate per unit of time. -#}
{% macro discounted_span(until, rate) -%}
    case
        when {{ rate }} > 0 then (1 - exp(-({{ rate }}) * {{ until }})) / ({{ rate }})
        else cast({{ until }} as double)
    end
{%- endmacro %}

{#- Relative standard error of a ratio of sums over customers (linearised). -#}
{% macro rate_relative_error(y, x) -%}
    {{ settled('sqrt(' ~ ratio_squared_error(
        'count(*)', 'sum(' ~ x ~ ')', product_sum(y, y), product_sum(x, y), product_sum(x, x),
        ratio('sum(' ~ y ~ ')', 'sum(' ~ x ~ ')')
    ) ~ ') / nullif(abs(' ~ ratio('sum(' ~ y ~ ')', 'sum(' ~ x ~ ')') ~ '), 0)') }}
{%- endmacro %}

{#- Share of a year's growth that the mean month of so many months has: growth goes on for twelve
    months, as long as it was watched and is tested on, and then stays. Months counted as if they
    came one after the other. -#}
{% macro growth_share(months) -%}
    case when {{ months }} <= 12 then {{ months }} / 24.0 else 1 - 6.0 / {{ months }} end
{%- endmacro %}

{#- Neither NULL, nor infinite, nor not a number. -#}
{% macro is_finite(number) -%}
    {{ return(adapter.dispatch('is_finite', 'cx_roi')(number)) }}
{%- endmacro %}
{% macro duckdb__is_finite(number) -%} coalesce(isfinite({{ number }}), false) {%- endmacro %}
{% macro spark__is_finite(number) -%}
    coalesce(not isnan({{ number }}) and abs({{ number }}) < double('infinity'), false)
{%- endmacro %}

{#- Rows of a relation once for their segment and once for all customers. -#}
{% macro own_and_all(relation, columns, condition='true') -%}
    select fit, segment, {{ columns }}
    from {{ relation }}
    where {{ condition }}
    union all
    select fit, 'all' as segment, {{ columns }}
    from {{ relation }}
    where segment <> 'all'
        and {{ condition }}
{%- endmacro %}

{#- Fewest losses or repeat buyers that a fit of these rows may rest on. -#}
{% macro minimum_event_count() -%}
    max(case
            when pooled.segment = 'all' then fits.pooled_minimum_event_count
            else fits.minimum_event_count
        end) as minimum_event_count
{%- endmacro %}

{#- What a model with a parameter more than the others has to be better by, as Akaike has it. -#}
{% macro parameter_penalty(model) -%}
    case when {{ model }} = 'pareto_nbd_once' then 1 else 0 end
{%- endmacro %}

{#- One-time buyers are judged apart: whether somebody comes back at all is another question than
    how long who came back goes on. -#}
{% macro buyer_kind(repeat_count) -%}
    case when {{ repeat_count }} = 0 then 'one_time' else 'repeat' end
{%- endmacro %}
