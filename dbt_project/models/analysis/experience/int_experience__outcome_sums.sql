-- Grain: one row per bucket of a signal and horizon, whether or not there are such signals
{%- set outcomes = ['net_revenue', 'support_cost'] %}
with

buckets as (select * from {{ ref('experience_signals') }}),

compared as (select * from {{ ref('int_experience__index_events') }}),

outcomes as (select * from {{ ref('int_experience__outcomes') }}),

strata as (select * from {{ ref('int_experience__strata') }}),

horizons as (
    {% for horizon in var('experience_horizon_days') %}
    select {{ horizon }} as horizon_days
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

accounted as (
    select
        signal,
        bucket,
        horizon_days,
        count(*) as signal_count
        {%- for place in [
            'compared', 'repeated', 'too_recent', 'too_old', 'unknown_customer',
        ] %},
        count(*) filter (where place = '{{ place }}') as {{ place }}_count
        {%- endfor %}
    from compared
    group by 1, 2, 3
),

summed as (
    select
        signal,
        bucket,
        horizon_days,
        {{ exact_sum('active_n') }} as active_n,
        {{ exact_sum('churned_n') }} as churned_n,
        {{ exact_sum('referrals_n') }} as referrals_n,
        {{ exact_sum('referrals_sum') }} as referrals_sum,
        {{ exact_sum('referring_n') }} as referring_n
        {%- for outcome in outcomes %},
        {{ exact_sum(outcome ~ '_n') }} as {{ outcome }}_n,
        {{ exact_sum(outcome ~ '_sum', places=8) }} as {{ outcome }}_sum,
        {{ exact_sum(outcome ~ '_square_sum', places=8) }} as {{ outcome }}_square_sum
        {%- endfor %}
    from strata
    group by 1, 2, 3
),

-- Before and after of the same customers, for the growth of what they spend.
grown as (
    select
        signal,
        bucket,
        horizon_days,
        cast(count(*) as double) as growth_n,
        cast(sum(net_revenue_before_amount) as double) as before_sum,
        cast(sum(net_revenue_amount) as double) as after_sum,
        {{ product_sum('net_revenue_before_amount', 'net_revenue_before_amount') }}
            as before_square_sum,
        {{ product_sum('net_revenue_amount', 'net_revenue_amount') }} as after_square_sum,
        {{ product_sum('net_revenue_before_amount', 'net_revenue_amount') }} as product_sum
    from outcomes
    where net_revenue_before_amount is not null
    group by 1, 2, 3
),

final as (
    select
        buckets.signal,
        buckets.bucket,
        buckets.bucket_rank,
        buckets.reference_bucket,
        horizons.horizon_days
        {%- for count in [
            'signal', 'compared', 'repeated', 'too_recent', 'too_old', 'unknown_customer',
        ] %},
        coalesce(accounted.{{ count }}_count, 0) as {{ count }}_count
        {%- endfor %},
        coalesce(summed.active_n, 0) as active_n,
        coalesce(summed.churned_n, 0) as churned_n,
        coalesce(summed.referrals_n, 0) as referrals_n,
        summed.referrals_sum,
        coalesce(summed.referring_n, 0) as referring_n
        {%- for outcome in outcomes %},
        coalesce(summed.{{ outcome }}_n, 0) as {{ outcome }}_n,
        summed.{{ outcome }}_sum,
        summed.{{ outcome }}_square_sum
        {%- endfor %},
        coalesce(grown.growth_n, 0) as growth_n,
        grown.before_sum,
        grown.after_sum,
        grown.before_square_sum,
        grown.after_square_sum,
        grown.product_sum
    from buckets
    cross join horizons
    left join accounted
        on {{ same('accounted', 'buckets', ['signal', 'bucket']) }}
        and accounted.horizon_days = horizons.horizon_days
    left join summed
        on {{ same('summed', 'buckets', ['signal', 'bucket']) }}
        and summed.horizon_days = horizons.horizon_days
    left join grown
        on {{ same('grown', 'buckets', ['signal', 'bucket']) }}
        and grown.horizon_days = horizons.horizon_days
)

select * from final
