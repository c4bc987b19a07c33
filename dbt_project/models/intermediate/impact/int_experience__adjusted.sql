-- Grain: one row per signal, horizon, bucket and bucket it is compared with
{#- Within kind of customer × tenure band × half of the year. Churn: risk ratio of Mantel and
    Haenszel, variance of its logarithm by Greenland and Robins (1985). Means: differences of
    strata, weighted alike. -#}
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
        nullif(here.active_n + there.active_n, 0) as n_both
        {%- for outcome in outcomes %},
        {{ ratio('here.' ~ outcome ~ '_sum', 'here.' ~ outcome ~ '_n') }}
            - {{ ratio('there.' ~ outcome ~ '_sum', 'there.' ~ outcome ~ '_n') }}
            as {{ outcome }}_difference,
        {{ squared_error('here', outcome) }} + {{ squared_error('there', outcome) }}
            as {{ outcome }}_squared_error,
        {{ ratio(
            'here.' ~ outcome ~ '_n * there.' ~ outcome ~ '_n',
            'here.' ~ outcome ~ '_n + there.' ~ outcome ~ '_n'
        ) }} as {{ outcome }}_weight
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
        count(*) filter (where n_one > 0 and n_two > 0) as churn_strata_count,
        sum(hit_one * n_two / n_both) as hits_one,
        sum(hit_two * n_one / n_both) as hits_two,
        sum(
            ((hit_one + hit_two) * n_one * n_two - hit_one * hit_two * n_both)
            / (n_both * n_both)
        ) as variance_top
        {%- for outcome in outcomes %},
        {{ ratio(
            'sum(' ~ outcome ~ '_weight * ' ~ outcome ~ '_difference) filter (where '
                ~ outcome ~ '_squared_error is not null)',
            'sum(' ~ outcome ~ '_weight) filter (where ' ~ outcome ~ '_squared_error is not null)'
        ) }} as {{ outcome }}_difference,
        {{ ratio(
            'sqrt(sum(power(' ~ outcome ~ '_weight, 2) * ' ~ outcome ~ '_squared_error))',
            'sum(' ~ outcome ~ '_weight) filter (where ' ~ outcome ~ '_squared_error is not null)'
        ) }} as {{ outcome }}_error
        {%- endfor %}
    from paired
    group by 1, 2, 3, 4
),

final as (
    select
        signal,
        horizon_days,
        bucket,
        compared_with,
        churn_strata_count,
        round({{ ratio('hits_one', 'hits_two') }}, 10) as churn_risk_ratio,
        round(sqrt(greatest(variance_top, 0) / nullif(hits_one * hits_two, 0)), 10)
            as churn_log_error
        {%- for outcome in outcomes %},
        round({{ outcome }}_difference, 10) as {{ outcome }}_difference,
        round({{ outcome }}_error, 10) as {{ outcome }}_error
        {%- endfor %}
    from summed
)

select * from final
