{#- Bound of the 95 % interval of a difference of two independent shares (Newcombe 1998, method 10):
    -1 lower, 1 upper. It holds at 0 of n, where the share itself varies by nothing. -#}
{% macro share_difference_bound(hits_one, n_one, hits_two, n_two, side) -%}
    {{ ratio(hits_one, n_one) }} - {{ ratio(hits_two, n_two) }} + {{ side }} * sqrt(
            power({{ ratio(hits_one, n_one) }} - {{ wilson_bound(hits_one, n_one, side) }}, 2)
            + power({{ ratio(hits_two, n_two) }} - {{ wilson_bound(hits_two, n_two, -side) }}, 2)
        )
{%- endmacro %}

{#- Difference of a share from that of the reference, with its interval: columns of
    fct_experience_impact. -#}
{% macro compared_shares(name, hits, total) -%}
    {%- set counts = ['paired.' ~ hits, 'paired.' ~ total,
        'paired.' ~ hits ~ '_two', 'paired.' ~ total ~ '_two'] -%}
    round({{ ratio(counts[0], counts[1]) }} - {{ ratio(counts[2], counts[3]) }}, 10)
            as {{ name }}_difference
    {%- for side, end in [(-1, 'low'), (1, 'high')] %},
        round({{ share_difference_bound(counts[0], counts[1], counts[2], counts[3], side) }}, 10)
            as {{ name }}_difference_{{ end }}
    {%- endfor %}
{%- endmacro %}

{#- The difference of an outcome's means, crude and within strata, each with its interval: columns
    of fct_experience_impact. Where all of a bucket are alike (say, nobody cost anything) nothing is
    known of how it varies, so there is no interval. -#}
{% macro compared_means(outcome) -%}
    {%- set errors = [
        'paired.' ~ outcome ~ '_error_one', 'paired.' ~ outcome ~ '_n',
        'paired.' ~ outcome ~ '_error_two', 'paired.' ~ outcome ~ '_n_two',
    ] -%}
    {%- set varies = errors[0] ~ ' > 0 and ' ~ errors[2] ~ ' > 0' -%}
    {{ money('round(paired.' ~ outcome ~ '_difference, 10)') }} as {{ outcome }}_difference_amount
    {%- for side, end in [(-1, 'low'), (1, 'high')] %},
        case when {{ varies }} then {{ money(welch_bound(
            'paired.' ~ outcome ~ '_difference', errors[0], errors[1], errors[2], errors[3], side
        )) }} end as {{ outcome }}_difference_{{ end }}_amount
    {%- endfor %},
        {{ money('round(adjusted.' ~ outcome ~ '_difference, 10)') }}
            as adjusted_{{ outcome }}_difference_amount
    {%- for side, end in [(-1, 'low'), (1, 'high')] %},
        case when {{ varies }} then {{ money(
            'adjusted.' ~ outcome ~ '_difference + ' ~ side ~ ' * ' ~ interval_reach()
            ~ ' * nullif(adjusted.' ~ outcome ~ '_error, 0)'
        ) }} end as adjusted_{{ outcome }}_difference_{{ end }}_amount
    {%- endfor %}
{%- endmacro %}
