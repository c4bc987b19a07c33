-- Grain: one row per signal, horizon, bucket and bucket it is compared with, by who referred
{#- Risk difference of Mantel and Haenszel within the strata, variance by Sato (1989), which holds
    for few customers a stratum; x of m referred in one bucket, y of n in the other. #}
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
        and there.bucket <> here.bucket
),

summed as (
    select
        signal,
        horizon_days,
        bucket,
        compared_with,
        sum(x) >= {{ least_events() }} and sum(y) >= {{ least_events() }} as is_enough,
        sum(m * n / total) as weight,
        {{ ratio('sum((x * n - y * m) / total)', 'sum(m * n / total)') }} as difference,
        sum((m * m * y - n * n * x + m * n * (n - m) / 2) / power(total, 2)) as slope,
        sum((x * (n - y) + y * (m - x)) / (2 * total)) as base
    from paired
    group by signal, horizon_days, bucket, compared_with
),

-- A handful who referred carries no normal interval.
final as (
    select
        signal,
        horizon_days,
        bucket,
        compared_with,
        case when is_enough then round(difference, 10) end as difference,
        case when is_enough
            then round({{ ratio('sqrt(difference * slope + base)', 'weight') }}, 10)
        end as standard_error
    from summed
)

select * from final
