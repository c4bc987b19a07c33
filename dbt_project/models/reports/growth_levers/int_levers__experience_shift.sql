-- Grain: one row per step from a bucket of a signal to the next better one that a lever takes
{{ config(materialized='view') }}
with

buckets as (
    select * from {{ ref('int_experience__outcome_sums') }}
    where horizon_days = 180
),

leaving as (select * from {{ ref('int_experience__stratified_churn_effects') }}),

effects as (select * from {{ ref('int_experience__stratified_effects') }}),

baseline as (select * from {{ ref('int_levers__baseline') }}),

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

shares as (
    select
        steps.*,
        case
            when from_share <= 0.1 or signal = 'first_reply' then from_share
            when from_share > 0.1 then 0.1
        end as moved_share
    from steps
),

shifts as (
    select
        shares.*,
        -- NPS speaks for all customers, effort for those who had a contact.
        case
            when shares.signal = 'nps' then shares.moved_share * baseline.active_customer_count
            when shares.signal = 'first_reply' then shares.active_n
            else shares.moved_share
                * greatest(baseline.contact_customer_count, shares.customer_count)
        end as moved_customer_count,
        -- Lost half-way through the 180 days on average, so kept for the nine months after.
        {{ months_served('baseline.monthly_churn_rate', 9) }} as months_counted
    from shares
    cross join baseline
),

final as (
    select
        shifts.signal,
        shifts.from_bucket,
        shifts.to_bucket,
        shifts.customer_count,
        round(case
            when shifts.signal = 'nps' then 100 * (shifts.best_share - shifts.from_share)
            when shifts.signal = 'first_reply' then shifts.from_share
            else shifts.best_share
        end, 10) as baseline_value,
        round(case
            when shifts.signal = 'nps' then
                100 * (shifts.best_share - shifts.from_share + shifts.moved_share)
            when shifts.signal = 'first_reply' then 0 * shifts.from_share
            else shifts.best_share + shifts.moved_share
        end, 10) as changed_value,
        cast(shifts.active_n as bigint) as from_active_count,
        cast(shifts.better_active_n as bigint) as to_active_count,
        shifts.moved_customer_count,
        shifts.months_counted,
        {{ ratio('shifts.churned_n', 'shifts.active_n') }} as churn_rate,
        {{ wilson_bound('shifts.churned_n', 'shifts.active_n', -1) }} as churn_rate_low,
        {{ wilson_bound('shifts.churned_n', 'shifts.active_n', 1) }} as churn_rate_high,
        leaving.churn_risk_ratio as risk_ratio,
        {{ log_bound('leaving.churn_risk_ratio', 'leaving.churn_log_error', -1) }}
            as risk_ratio_low,
        {{ log_bound('leaving.churn_risk_ratio', 'leaving.churn_log_error', 1) }}
            as risk_ratio_high,
        case when leaving.bucket is null then 'too_few_customers'
            else leaving.churn_not_adjusted_reason end as ratio_not_known_reason,
        -effects.support_cost_trend_adjusted_difference * shifts.moved_customer_count
            as support_saved,
        effects.support_cost_trend_adjusted_half_width * shifts.moved_customer_count
            as support_saved_half_width
    from shifts
    left join leaving
        on leaving.signal = shifts.signal
        and leaving.horizon_days = 180
        and leaving.bucket = shifts.to_bucket
        and leaving.compared_with = shifts.from_bucket
    left join effects
        on effects.signal = shifts.signal
        and effects.horizon_days = 180
        and effects.bucket = shifts.to_bucket
        and effects.compared_with = shifts.from_bucket
)

select * from final
