-- Grain: one row per signal, horizon, bucket and bucket it is compared with, by who referred
{{ config(materialized='view') }}
{#- Within the strata and what was spent before. Risk difference of Mantel and Haenszel, variance by
    Sato (1989), which holds for few customers a stratum; x of m referred in one bucket, y of n in
    the other. #}
with

strata as (select * from {{ ref('int_experience__strata') }}),

paired as (
    select
        here.signal,
        here.horizon_days,
        here.bucket,
        there.bucket as compared_with,
        here.referring_n as x,
        here.referrals_n as m,
        there.referring_n as y,
        there.referrals_n as n,
        nullif(here.referrals_n + there.referrals_n, 0) as total
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
        {{ exact_sum('m') }} as n_one,
        {{ exact_sum('n') }} as n_two,
        {{ exact_sum('m * (x + y) / total') }} as expected_one,
        {{ exact_sum('n * (x + y) / total') }} as expected_two,
        {{ exact_sum('m * n / total') }} as weight,
        {{ ratio(exact_sum('(x * n - y * m) / total'), exact_sum('m * n / total')) }} as difference,
        {{ exact_sum('(m * m * y - n * n * x + m * n * (n - m) / 2) / power(total, 2)') }} as slope,
        {{ exact_sum('(x * (n - y) + y * (m - x)) / (2 * total)') }} as base
    from paired
    group by signal, horizon_days, bucket, compared_with
),

judged as (
    select
        *,
        round({{ ratio('sqrt(greatest(difference * slope + base, 0))', 'weight') }}, 10)
            as error,
        {{ too_few_reason('referring', 'not_referring') }} as too_few_reason
    from summed
),

-- A handful who referred carries no normal interval.
final as (
    select
        signal,
        horizon_days,
        bucket,
        compared_with,
        case when too_few_reason is null and error > 0 then round(difference, 10) end
            as difference,
        case when too_few_reason is null and error > 0 then error end as standard_error,
        coalesce(too_few_reason, case when error = 0 then 'outcome_does_not_vary' end)
            as referring_not_adjusted_reason
    from judged
)

select * from final
