-- Grain: one row per signal, horizon, bucket and bucket it is compared with, by who left
{#- Within the strata and what was spent before. Risk ratio of Mantel and Haenszel, variance of its
    logarithm by Greenland and Robins (1985). #}
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
    from strata as here
    inner join strata as there
        on {{ same('there', 'here', experience_strata()) }}
        and there.spending_before = here.spending_before
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
    from judged
)

select * from final
