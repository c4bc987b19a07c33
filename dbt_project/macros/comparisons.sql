{#- Bound of the 95 % interval of a difference of two independent shares (Newcombe 1998, method 10):
    -1 lower, 1 upper. It holds at 0 of n, where the share itself varies by nothing. -#}
{% macro share_difference_bound(hits_one, n_one, hits_two, n_two, side) -%}
    {{ ratio(hits_one, n_one) }} - {{ ratio(hits_two, n_two) }} + {{ side }} * sqrt(
            power({{ ratio(hits_one, n_one) }} - {{ wilson_bound(hits_one, n_one, side) }}, 2)
            + power({{ ratio(hits_two, n_two) }} - {{ wilson_bound(hits_two, n_two, -side) }}, 2)
        )
{%- endmacro %}

{#- Difference of a share from that of the reference, with its interval: columns of
    int_experience__unadjusted_effects. -#}
{% macro compared_shares(name, hits, total) -%}
    {%- set counts = [hits, total, hits ~ '_two', total ~ '_two'] -%}
    {%- set is_enough = 'least(' ~ total ~ ', ' ~ total ~ '_two) >= ' ~ least_customers() -%}
    case when {{ is_enough }}
            then round({{ ratio(counts[0], counts[1]) }} - {{ ratio(counts[2], counts[3]) }}, 10)
        end as {{ name }}_difference
    {%- for side, end in [(-1, 'low'), (1, 'high')] %},
        case when {{ is_enough }}
            then round({{ share_difference_bound(*counts, side=side) }}, 10)
        end as {{ name }}_difference_{{ end }}
    {%- endfor %}
{%- endmacro %}

{#- Why two buckets have no ratio, or no normal interval, of whom it happened to (`hit`), from the
    columns n_… (their customers) and expected_… (of how many it is to be expected if it happens to
    both alike). What is expected does not ask which of the two it happened to; a floor on what was
    counted picks those with bad luck. NULL = there are enough. -#}
{% macro too_few_reason(hit, miss) -%}
    case
        when least(coalesce(n_one, 0), coalesce(n_two, 0)) < {{ least_customers() }}
            then 'too_few_customers'
        when round(least(expected_one, expected_two), 6) < {{ least_events() }}
            then 'too_few_{{ hit }}'
        when round(least(n_one - expected_one, n_two - expected_two), 6) < {{ least_events() }}
            then 'too_few_{{ miss }}'
    end
{%- endmacro %}

{#- Means of an outcome in two relations, from their sums, as alike_reason and their intervals need
    them: counts, difference and squared errors. -#}
{% macro outcome_of_both(one, two, outcome) -%}
    {{ one }}.{{ outcome }}_n as {{ outcome }}_n_one,
        {{ two }}.{{ outcome }}_n as {{ outcome }}_n_two,
        {{ ratio(one ~ '.' ~ outcome ~ '_sum', one ~ '.' ~ outcome ~ '_n') }}
            - {{ ratio(two ~ '.' ~ outcome ~ '_sum', two ~ '.' ~ outcome ~ '_n') }}
            as {{ outcome }}_difference,
        {{ squared_error(one, outcome) }} as {{ outcome }}_error_one,
        {{ squared_error(two, outcome) }} as {{ outcome }}_error_two
{%- endmacro %}

{#- Why two means of an outcome are not compared, from its columns …_n_… and …_error_…. Where all of
    a bucket are alike (say, nobody cost anything) nothing is known of how it varies. -#}
{% macro alike_reason(outcome) -%}
    case
        when least(coalesce({{ outcome }}_n_one, 0), coalesce({{ outcome }}_n_two, 0))
            < {{ least_customers() }} then 'too_few_customers'
        when least({{ outcome }}_error_one, {{ outcome }}_error_two) = 0
            then 'outcome_does_not_vary'
    end
{%- endmacro %}

{#- Why an outcome has no comparison within the strata: a column of fct_experience_impact. Buckets
    without a stratum in common have no row. A mean that is not compared at all is not within the
    strata either; churn can be, as more of it may be to be expected within them. -#}
{% macro not_adjusted_reason(outcome, relation='adjusted') -%}
    coalesce(
            {% if outcome == 'churn' -%}
            case when crude.is_reference then 'reference' end,
            {%- else -%}
            crude.{{ outcome }}_not_compared_reason,
            {%- endif %}
            case when {{ relation }}.bucket is null then 'too_few_customers'
                else {{ relation }}.{{ outcome }}_not_adjusted_reason end
        ) as {{ outcome }}_not_adjusted_reason
{%- endmacro %}
