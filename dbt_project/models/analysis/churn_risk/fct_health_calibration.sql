-- Grain: one row per back-test (score, kind of customer, score date or all) and bucket of the score
with

placed as (select * from {{ ref('int_backtest__placement_values') }}),

ranked as (
    select
        *,
        percent_rank() over (
            partition by {{ backtest_keys() }} order by risk_order desc
        ) as risk_rank
    from placed
),

-- Equal scores share a bucket, so there may be fewer than ten, and not of one size.
bucketed as (
    select
        ranked.*,
        'decile' as bucket_kind,
        case
            when risk_rank < 0.9 then concat('0', cast(floor(10 * risk_rank) + 1 as int))
            else '10'
        end as bucket
    from ranked

    union all

    select
        ranked.*,
        'band' as bucket_kind,
        health_band as bucket
    from ranked
    where health_band is not null
),

counted as (
    select
        {{ backtest_keys() }},
        bucket_kind,
        bucket,
        min(score) as lowest_score,
        max(score) as highest_score,
        count(*) as observation_count,
        count(distinct customer_key) as customer_count,
        count(*) filter (where is_lost) as lost_observation_count,
        {{ exact_mean('predicted_rate') }} as mean_predicted_rate
    from bucketed
    group by {{ backtest_keys() }}, bucket_kind, bucket
),

rated as (
    select
        *,
        {{ ratio('lost_observation_count', 'observation_count') }} as lost_rate
    from counted
),

-- Observations of one customer are not independent: the interval is as wide as if each customer
-- counted once.
final as (
    select
        {{ backtest_keys() }},
        bucket_kind,
        bucket,
        {{ settled('lowest_score') }} as lowest_score,
        {{ settled('highest_score') }} as highest_score,
        observation_count,
        customer_count,
        lost_observation_count,
        {{ settled('mean_predicted_rate') }} as mean_predicted_rate,
        lost_rate,
        {{ settled(wilson_bound('lost_rate * customer_count', 'customer_count', -1)) }}
            as lost_rate_low,
        {{ settled(wilson_bound('lost_rate * customer_count', 'customer_count', 1)) }}
            as lost_rate_high
    from rated
)

select * from final
