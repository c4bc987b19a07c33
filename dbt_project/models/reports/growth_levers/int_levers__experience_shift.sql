-- Grain: one row per step from a bucket of a signal to the next better one that a lever takes
with

buckets as (
    select * from {{ ref('int_experience__outcome_sums') }}
    where horizon_days = 180
),

adjusted as (select * from {{ ref('int_experience__stratified_effects') }}),

base as (select * from {{ ref('int_levers__baseline') }}),

totals as (
    select
        signal,
        cast(sum(compared_count) as bigint) as customer_count,
        {{ ratio(
            "sum(case when bucket in ('promoter', 'low_effort') then compared_count else 0 end)",
            'sum(compared_count)'
        ) }} as best_share
    from buckets
    group by 1
),

-- Detractors become passives, hard contacts easy ones, a reply the next faster one.
steps as (
    select
        worse.signal,
        worse.bucket as from_bucket,
        better.bucket as to_bucket,
        totals.customer_count,
        totals.best_share,
        {{ ratio('worse.compared_count', 'totals.customer_count') }} as from_share,
        worse.active_n,
        worse.churned_n,
        better.active_n as better_active_n
    from buckets as worse
    inner join buckets as better
        on better.signal = worse.signal
        and better.bucket_rank = worse.bucket_rank + 1
    inner join totals
        on totals.signal = worse.signal
    where worse.signal in ('ces', 'contact_effort', 'first_reply')
        or worse.bucket = 'detractor'
),

moved as (
    select
        steps.*,
        case
            when from_share <= 0.1 or signal = 'first_reply' then from_share
            when from_share > 0.1 then 0.1
        end as moved_share
    from steps
),

counted as (
    select
        moved.*,
        -- NPS speaks for all customers, effort for those who had a contact.
        case
            when moved.signal = 'nps' then moved.moved_share * base.active_customer_count
            when moved.signal = 'first_reply' then moved.active_n
            else moved.moved_share * greatest(base.contact_customer_count, moved.customer_count)
        end as moved_customer_count,
        -- Lost half-way through the 180 days on average, so kept for the nine months after.
        {{ months_served('base.monthly_churn_rate', 9) }} as months_counted
    from moved
    cross join base
),

final as (
    select
        counted.signal,
        counted.from_bucket,
        counted.to_bucket,
        counted.customer_count,
        round(case
            when counted.signal = 'nps' then 100 * (counted.best_share - counted.from_share)
            when counted.signal = 'first_reply' then counted.from_share
            else counted.best_share
        end, 10) as baseline_value,
        round(case
            when counted.signal = 'nps' then
                100 * (counted.best_share - counted.from_share + counted.moved_share)
            when counted.signal = 'first_reply' then 0 * counted.from_share
            else counted.best_share + counted.moved_share
        end, 10) as changed_value,
        cast(counted.active_n as bigint) as from_active_count,
        cast(counted.better_active_n as bigint) as to_active_count,
        counted.moved_customer_count,
        counted.months_counted,
        {{ ratio('counted.churned_n', 'counted.active_n') }} as churn_rate,
        {{ wilson_bound('counted.churned_n', 'counted.active_n', -1) }} as churn_rate_low,
        {{ wilson_bound('counted.churned_n', 'counted.active_n', 1) }} as churn_rate_high,
        adjusted.churn_risk_ratio as risk_ratio,
        {{ log_bound('adjusted.churn_risk_ratio', 'adjusted.churn_log_error', -1) }}
            as risk_ratio_low,
        {{ log_bound('adjusted.churn_risk_ratio', 'adjusted.churn_log_error', 1) }}
            as risk_ratio_high,
        case when adjusted.bucket is null then 'too_few_customers'
            else adjusted.churn_not_adjusted_reason end as ratio_not_known_reason,
        -adjusted.support_cost_difference * counted.moved_customer_count as support_saved,
        adjusted.support_cost_half_width * counted.moved_customer_count
            as support_saved_half_width
    from counted
    left join adjusted
        on adjusted.signal = counted.signal
        and adjusted.horizon_days = 180
        and adjusted.bucket = counted.to_bucket
        and adjusted.compared_with = counted.from_bucket
)

select * from final
