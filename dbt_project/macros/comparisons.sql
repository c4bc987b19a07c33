{#- Bound of the 95 % interval of a difference of two independent shares (Newcombe 1998, method 10):
    -1 lower, 1 upper. It holds at 0 of n, where the share itself varies by nothing. -#}
{% macro share_difference_bound(hits_one, n_one, hits_two, n_two, side) -%}
    {{ ratio(hits_one, n_one) }} - {{ ratio(hits_two, n_two) }} + {{ side }} * sqrt(
            power({{ ratio(hits_one, n_one) }} - {{ wilson_bound(hits_one, n_one, side) }}, 2)
            + power({{ ratio(hits_two, n_two) }} - {{ wilson_bound(hits_two, n_two, -side) }}, 2)
        )
{%- endmacro %}

{#- Difference of a share from that of the reference bucket (columns …_two), with its interval:
    columns of int_experience__unadjusted_effects. -#}
{% macro compared_shares(name, hits, total) -%}
    {%- set is_enough -%}
        least({{ total }}, {{ total }}_two) >= {{ var('minimum_compared_customers') }}
    {%- endset -%}
    {%- set reference_hits -%} {{ hits }}_two {%- endset -%}
    {%- set reference_total -%} {{ total }}_two {%- endset -%}
    case when {{ is_enough }}
            then round({{ ratio(hits, total) }} - {{ ratio(reference_hits, reference_total) }}, 10)
        end as {{ name }}_difference,
        case when {{ is_enough }}
            then round({{ share_difference_bound(
                hits, total, reference_hits, reference_total, -1
            ) }}, 10)
        end as {{ name }}_difference_low,
        case when {{ is_enough }}
            then round({{ share_difference_bound(
                hits, total, reference_hits, reference_total, 1
            ) }}, 10)
        end as {{ name }}_difference_high
{%- endmacro %}

{#- Why two buckets have no ratio, or no normal interval, of whom it happened to (`hit`), from the
    columns n_… (their customers) and expected_… (of how many it is to be expected if it happens to
    both alike). What is expected does not ask which of the two it happened to; a floor on what was
    counted picks those with bad luck. NULL = there are enough. -#}
{% macro too_few_reason(hit, miss) -%}
    case
        when least(coalesce(n_one, 0), coalesce(n_two, 0)) < {{ var('minimum_compared_customers') }}
            then 'too_few_customers'
        when round(least(expected_one, expected_two), 6) < {{ var('minimum_expected_events') }}
            then 'too_few_{{ hit }}'
        when round(least(n_one - expected_one, n_two - expected_two), 6) < {{ var('minimum_expected_events') }}
            then 'too_few_{{ miss }}'
    end
{%- endmacro %}

{#- Means of an outcome in two relations, from their sums, as alike_reason and their intervals need
    them: counts, difference and squared errors. -#}
{% macro outcome_of_both(one, two, outcome) -%}
    {%- set one_sum -%} {{ one }}.{{ outcome }}_sum {%- endset -%}
    {%- set one_count -%} {{ one }}.{{ outcome }}_n {%- endset -%}
    {%- set two_sum -%} {{ two }}.{{ outcome }}_sum {%- endset -%}
    {%- set two_count -%} {{ two }}.{{ outcome }}_n {%- endset -%}
    {{ one }}.{{ outcome }}_n as {{ outcome }}_n_one,
        {{ two }}.{{ outcome }}_n as {{ outcome }}_n_two,
        {{ ratio(one_sum, one_count) }} - {{ ratio(two_sum, two_count) }}
            as {{ outcome }}_difference,
        {{ squared_error(one, outcome) }} as {{ outcome }}_error_one,
        {{ squared_error(two, outcome) }} as {{ outcome }}_error_two
{%- endmacro %}

{#- Why two means of an outcome are not compared, from its columns …_n_… and …_error_…. Where all of
    a bucket are alike (say, nobody cost anything) nothing is known of how it varies. -#}
{% macro alike_reason(outcome) -%}
    case
        when least(coalesce({{ outcome }}_n_one, 0), coalesce({{ outcome }}_n_two, 0))
            < {{ var('minimum_compared_customers') }} then 'too_few_customers'
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
