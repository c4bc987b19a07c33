-- Grain: one row per back-test (score, kind of customer, score date or all) and bucket of the score
with

observations as (select * from {{ ref('int_backtest__placement_values') }}),

risk_ranks as (
    select
        *,
        percent_rank() over (
            partition by {{ backtest_keys() }} order by risk_order desc
        ) as risk_rank
    from observations
),

-- Equal scores share a bucket, so there may be fewer than ten, and not of one size.
buckets as (
    select
        risk_ranks.*,
        'decile' as bucket_kind,
        case
            when risk_rank < 0.9 then concat('0', cast(floor(10 * risk_rank) + 1 as int))
            else '10'
        end as bucket
    from risk_ranks

    union all

    select
        risk_ranks.*,
        'band' as bucket_kind,
        health_band as bucket
    from risk_ranks
    where health_band is not null
),

bucket_counts as (
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
    from buckets
    group by {{ backtest_keys() }}, bucket_kind, bucket
),

lost_rates as (
    select
        *,
        {{ ratio('lost_observation_count', 'observation_count') }} as lost_rate
    from bucket_counts
),

-- Observations of one customer are not independent: the interval is as wide as if each customer
-- bucket_counts once.
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
    from lost_rates
)

select * from final
