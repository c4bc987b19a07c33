-- Grain: one row per signal, horizon, bucket and bucket it is compared with, by money
{#- Within kind of customer × tenure band × channel × half of the year. Differences of strata
    with two customers of either bucket, weighted alike; Student's t at the degrees of freedom of
    Satterthwaite (1946). -#}
{%- set outcomes = ['net_revenue', 'support_cost'] %}
{%- set amounts = [] %}
{%- for outcome in outcomes %}
{%- for part in experience_parts() %}
{%- do amounts.append(outcome ~ '_' ~ part) %}
{%- endfor %}
{%- endfor %}
with

by_spending as (select * from {{ ref('int_experience__strata') }}),

strata as (
    select
        bucket,
        {{ experience_strata() | join(', ') }}
        {%- for amount in amounts %},
        {{ exact_sum(amount ~ '_n') }} as {{ amount }}_n,
        {{ exact_sum(amount ~ '_sum', places=8) }} as {{ amount }}_sum,
        {{ exact_sum(amount ~ '_square_sum', places=8) }} as {{ amount }}_square_sum
        {%- endfor %}
    from by_spending
    group by {{ experience_strata() | join(', ') }}, bucket
),

paired as (
    select
        here.signal,
        here.horizon_days,
        here.bucket,
        there.bucket as compared_with
        {%- for outcome in amounts %},
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
        compared_with
        {%- for outcome in amounts %}
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
    group by signal, horizon_days, bucket, compared_with
),

judged as (
    select
        *
        {%- for outcome in outcomes %},
        coalesce(
            {{ alike_reason(outcome ~ '_trend_adjusted') }},
            {{ alike_reason(outcome ~ '_change') }}
        ) as {{ outcome }}_not_adjusted_reason
        {%- endfor %}
    from summed
),

final as (
    select
        signal,
        horizon_days,
        bucket,
        compared_with
        {%- for outcome in outcomes %},
        {{ outcome }}_not_adjusted_reason
        {%- for part in experience_parts() %}
        {%- set amount = outcome ~ '_' ~ part %},
        case when {{ outcome }}_not_adjusted_reason is null
            then round({{ amount }}_difference, 10) end as {{ amount }}_difference
        {%- if part != 'base' %},
        case when {{ outcome }}_not_adjusted_reason is null
            then round({{ student_reach(amount ~ '_degrees') }}
                * sqrt({{ amount }}_error_one + {{ amount }}_error_two), 10)
        end as {{ amount }}_half_width
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
    from judged
)

select * from final
