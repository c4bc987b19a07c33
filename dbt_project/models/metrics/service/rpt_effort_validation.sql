-- Grain: one row per level and measure of effort shown, how far it agrees with what customers say
with

paired as (select * from {{ ref('int_effort__score_pairs') }}),

counted as (
    select
        level,
        measure,
        count(*) as unit_count,
        count(*) filter (where shown_effort > 0) as with_sign_count,
        {{ exact_mean('low_effort_share', 'shown_effort > 0') }}
            as ces_low_effort_rate_with_sign,
        {{ exact_mean('low_effort_share', 'shown_effort = 0') }}
            as ces_low_effort_rate_without_sign,
        {{ exact_correlation('shown_effort', 'said_effort') }} as r
    from paired
    group by 1, 2
),

-- Fisher's interval: on the scale of 1/2 · ln((1 + r) / (1 − r)) the error is 1 / √(n − 3).
transformed as (
    select
        *,
        case when unit_count > 3 and abs(r) < 1 then ln((1 + r) / (1 - r)) / 2 end as z,
        case when unit_count > 3
            then {{ interval_reach() }} / sqrt(unit_count - 3) end as reach
    from counted
),

bounded as (
    select
        *,
        {{ settled('r') }} as correlation,
        {{ settled('(exp(2 * (z - reach)) - 1) / (exp(2 * (z - reach)) + 1)') }}
            as correlation_low,
        {{ settled('(exp(2 * (z + reach)) - 1) / (exp(2 * (z + reach)) + 1)') }}
            as correlation_high
    from transformed
),

final as (
    select
        level,
        measure,
        unit_count,
        with_sign_count,
        correlation,
        correlation_low,
        correlation_high,
        {{ settled('ces_low_effort_rate_with_sign') }} as ces_low_effort_rate_with_sign,
        {{ settled('ces_low_effort_rate_without_sign') }} as ces_low_effort_rate_without_sign,
        case
            when correlation_low is null then 'not_measurable'
            when correlation_low > 0 then 'agrees'
            when correlation_high < 0 then 'contradicts'
            else 'not_proven'
        end as verdict
    from bounded
)

select * from final
