-- Grain: one row per signal, horizon, bucket and bucket it is compared with
{#- Within kind of customer × tenure band × channel × half of the year. Churn: risk ratio of
    Mantel and Haenszel, variance of its logarithm by Greenland and Robins (1985). Means:
    differences of strata with two customers of either bucket, weighted alike; Student's t at the
    degrees of freedom of Satterthwaite (1946). -#}
{%- set outcomes = ['net_revenue', 'support_cost'] %}
with

strata as (select * from {{ ref('int_experience__strata') }}),

paired as (
    select
        here.signal,
        here.horizon_days,
        here.bucket,
        there.bucket as compared_with,
        here.churned_n as hit_one,
        here.active_n as n_one,
        there.churned_n as hit_two,
        there.active_n as n_two,
        case when here.active_n > 0 and there.active_n > 0
            then here.active_n + there.active_n end as n_both
        {%- for outcome in outcomes %},
        {{ outcome_of_both('here', 'there', outcome) }},
        case when least(here.{{ outcome }}_n, there.{{ outcome }}_n) > 1
            then 1 / (1 / here.{{ outcome }}_n + 1 / there.{{ outcome }}_n)
        end as {{ outcome }}_weight
        {%- endfor %}
    from strata as here
    inner join strata as there
        on {{ same('there', 'here', experience_strata()) }}
        and there.bucket <> here.bucket
),

summed as (
    select
        signal,
        horizon_days,
        bucket,
        compared_with,
        count(n_both) as churn_strata_count,
        {{ exact_sum('n_one', 'n_both > 0') }} as n_one,
        {{ exact_sum('n_two', 'n_both > 0') }} as n_two,
        {{ exact_sum('n_one * (hit_one + hit_two) / n_both') }} as expected_one,
        {{ exact_sum('n_two * (hit_one + hit_two) / n_both') }} as expected_two,
        {{ exact_sum('hit_one * n_two / n_both') }} as hits_one,
        {{ exact_sum('hit_two * n_one / n_both') }} as hits_two,
        {{ exact_sum(
            '((hit_one + hit_two) * n_one * n_two - hit_one * hit_two * n_both)
            / (n_both * n_both)'
        ) }} as variance_top
        {%- for outcome in outcomes %}
        {%- set weight = outcome ~ '_weight' %}
        {%- for side in ['one', 'two'] %},
        {{ exact_sum(outcome ~ '_n_' ~ side, weight ~ ' > 0') }}
            as {{ outcome }}_n_{{ side }},
        {{ ascending_sum('power(' ~ weight ~ ', 2) * ' ~ outcome ~ '_error_' ~ side) }}
            / power({{ exact_sum(weight) }}, 2)
            as {{ outcome }}_error_{{ side }}
        {%- endfor %},
        {{ exact_sum(weight ~ ' * ' ~ outcome ~ '_difference') }} / {{ exact_sum(weight) }}
            as {{ outcome }}_difference,
        power({{ ascending_sum(
            'power(' ~ weight ~ ', 2) * (' ~ outcome ~ '_error_one + ' ~ outcome ~ '_error_two)'
        ) }}, 2) / nullif({{ ascending_sum('power(' ~ weight ~ ', 4) * ('
            ~ 'power(' ~ outcome ~ '_error_one, 2) / nullif(' ~ outcome ~ '_n_one - 1, 0)'
            ~ ' + power(' ~ outcome ~ '_error_two, 2) / nullif(' ~ outcome ~ '_n_two - 1, 0))'
        ) }}, 0) as {{ outcome }}_degrees
        {%- endfor %}
    from paired
    group by 1, 2, 3, 4
),

judged as (
    select
        *,
        coalesce(
            {{ too_few_reason('lost', 'kept') }},
            case
                when least(hits_one, hits_two) = 0 then 'nobody_lost'
                when variance_top <= 0 then 'outcome_does_not_vary'
            end
        ) as churn_not_adjusted_reason
        {%- for outcome in outcomes %},
        {{ alike_reason(outcome) }} as {{ outcome }}_not_adjusted_reason
        {%- endfor %}
    from summed
),

final as (
    select
        signal,
        horizon_days,
        bucket,
        compared_with,
        churn_strata_count,
        churn_not_adjusted_reason,
        case when churn_not_adjusted_reason is null then round(hits_one / hits_two, 10) end
            as churn_risk_ratio,
        case when churn_not_adjusted_reason is null
            then round(sqrt(greatest(variance_top, 0) / (hits_one * hits_two)), 10)
        end as churn_log_error
        {%- for outcome in outcomes %},
        {{ outcome }}_not_adjusted_reason,
        case when {{ outcome }}_not_adjusted_reason is null
            then round({{ outcome }}_difference, 10) end as {{ outcome }}_difference,
        case when {{ outcome }}_not_adjusted_reason is null
            then round({{ student_reach(outcome ~ '_degrees') }}
                * sqrt({{ outcome }}_error_one + {{ outcome }}_error_two), 10)
        end as {{ outcome }}_half_width
        {%- endfor %}
    from judged
)

select * from final
