-- Grain: one row per bucket of a signal and horizon
{%- set money_outcomes = ['net_revenue', 'support_cost'] %}
with

buckets as (select * from {{ ref('int_experience__buckets') }}),

adjusted as (select * from {{ ref('int_experience__adjusted') }}),

-- The bucket beside the one it is compared with; the reference beside itself compares to nothing.
paired as (
    select
        buckets.*,
        buckets.bucket = buckets.reference_bucket as is_reference,
        {{ ratio('buckets.churned_n', 'buckets.active_n') }}
            / nullif({{ ratio('worst.churned_n', 'worst.active_n') }}, 0) as risk_ratio,
        -- Katz et al. 1978
        sqrt(
            1 / nullif(buckets.churned_n, 0) - 1 / nullif(buckets.active_n, 0)
            + 1 / nullif(worst.churned_n, 0) - 1 / nullif(worst.active_n, 0)
        ) as log_error
        {%- for outcome in ['net_revenue', 'support_cost', 'referrals'] %},
        {{ ratio('buckets.' ~ outcome ~ '_sum', 'buckets.' ~ outcome ~ '_n') }}
            as {{ outcome }}_mean,
        {{ ratio('buckets.' ~ outcome ~ '_sum', 'buckets.' ~ outcome ~ '_n') }}
            - {{ ratio('worst.' ~ outcome ~ '_sum', 'worst.' ~ outcome ~ '_n') }}
            as {{ outcome }}_difference,
        {{ squared_error('buckets', outcome) }} as {{ outcome }}_error_one,
        {{ squared_error('worst', outcome) }} as {{ outcome }}_error_two,
        worst.{{ outcome }}_n as {{ outcome }}_n_two
        {%- endfor %},
        {{ ratio('buckets.after_sum', 'buckets.before_sum') }} as growth_ratio
    from buckets
    left join buckets as worst
        on worst.signal = buckets.signal
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        and worst.bucket = nullif(buckets.reference_bucket, buckets.bucket)
        and worst.horizon_days = buckets.horizon_days
),

final as (
    select
        paired.signal,
        paired.bucket,
        cast(paired.bucket_rank as int) as bucket_rank,
        paired.reference_bucket,
        paired.is_reference,
        cast(paired.horizon_days as int) as horizon_days,
        true as is_association,
        paired.signal_count,
        paired.compared_count as customer_count,
        paired.repeated_count as repeated_signal_count,
        paired.too_recent_count as too_recent_signal_count,
        paired.too_old_count as too_old_signal_count,
        paired.unknown_customer_count as unknown_customer_signal_count,
        cast(paired.active_n as bigint) as active_count,
        cast(paired.churned_n as bigint) as churned_count,
        {{ ratio('paired.churned_n', 'paired.active_n') }} as churn_rate,
        {{ wilson_bound('paired.churned_n', 'paired.active_n', -1) }} as churn_rate_low,
        {{ wilson_bound('paired.churned_n', 'paired.active_n', 1) }} as churn_rate_high,
        round(paired.risk_ratio, 10) as churn_risk_ratio,
        round({{ log_bound('paired.risk_ratio', 'paired.log_error', -1) }}, 10)
            as churn_risk_ratio_low,
        round({{ log_bound('paired.risk_ratio', 'paired.log_error', 1) }}, 10)
            as churn_risk_ratio_high,
        coalesce(adjusted.churn_strata_count, 0) as churn_strata_count,
        round(adjusted.churn_risk_ratio, 10) as adjusted_churn_risk_ratio,
        round({{ log_bound('adjusted.churn_risk_ratio', 'adjusted.churn_log_error', -1) }}, 10)
            as adjusted_churn_risk_ratio_low,
        round({{ log_bound('adjusted.churn_risk_ratio', 'adjusted.churn_log_error', 1) }}, 10)
            as adjusted_churn_risk_ratio_high
        {%- for outcome in money_outcomes %},
        cast(paired.{{ outcome }}_n as bigint) as {{ outcome }}_customer_count,
        {{ money('paired.' ~ outcome ~ '_sum') }} as {{ outcome }}_amount,
        {{ money('paired.' ~ outcome ~ '_mean') }} as average_{{ outcome }}_amount,
        {{ compared_means(outcome, '_amount', 'decimal(18, 4)') }}
        {%- endfor %},
        cast(paired.referrals_n as bigint) as referrals_customer_count,
        cast(paired.referrals_sum as bigint) as referral_count,
        round(paired.referrals_mean, 10) as referrals_per_customer,
        {{ compared_means('referrals', '', 'double') }},
        cast(paired.growth_n as bigint) as growth_customer_count,
        {{ money(ratio('paired.before_sum', 'paired.growth_n')) }}
            as average_net_revenue_before_amount,
        round(paired.growth_ratio - 1, 10) as net_revenue_growth_rate
    from paired
    left join adjusted
        on adjusted.signal = paired.signal
        and adjusted.horizon_days = paired.horizon_days
        and adjusted.bucket = paired.bucket
        and adjusted.compared_with = paired.reference_bucket
)

select * from final
