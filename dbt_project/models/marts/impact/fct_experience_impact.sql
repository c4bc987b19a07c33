-- Grain: one row per bucket of a signal and horizon
{%- set money_outcomes = ['net_revenue', 'support_cost'] %}
with

buckets as (select * from {{ ref('int_experience__buckets') }}),

adjusted as (select * from {{ ref('int_experience__adjusted') }}),

referring as (select * from {{ ref('int_experience__referring') }}),

chosen as (select * from {{ ref('int_experience__references') }}),

-- The bucket beside the one it is compared with; the reference beside itself compares to nothing.
paired as (
    select
        buckets.*,
        chosen.reference_bucket as compared_with,
        buckets.bucket = chosen.reference_bucket as is_reference,
        {%- for count in ['churned_n', 'active_n', 'referring_n', 'referrals_n'] %}
        reference.{{ count }} as {{ count }}_two,
        {%- endfor %}
        {{ ratio('buckets.churned_n', 'buckets.active_n') }}
            / nullif({{ ratio('reference.churned_n', 'reference.active_n') }}, 0) as risk_ratio,
        -- Katz et al. 1978
        sqrt(
            1 / nullif(buckets.churned_n, 0) - 1 / nullif(buckets.active_n, 0)
            + 1 / nullif(reference.churned_n, 0) - 1 / nullif(reference.active_n, 0)
        ) as log_error
        {%- for outcome in money_outcomes %},
        {{ ratio('buckets.' ~ outcome ~ '_sum', 'buckets.' ~ outcome ~ '_n') }}
            as {{ outcome }}_mean,
        {{ ratio('buckets.' ~ outcome ~ '_sum', 'buckets.' ~ outcome ~ '_n') }}
            - {{ ratio('reference.' ~ outcome ~ '_sum', 'reference.' ~ outcome ~ '_n') }}
            as {{ outcome }}_difference,
        {{ squared_error('buckets', outcome) }} as {{ outcome }}_error_one,
        {{ squared_error('reference', outcome) }} as {{ outcome }}_error_two,
        reference.{{ outcome }}_n as {{ outcome }}_n_two
        {%- endfor %},
        {{ ratio('buckets.after_sum', 'buckets.before_sum') }} as growth_ratio
    from buckets
    inner join chosen
        on chosen.signal = buckets.signal
        and chosen.horizon_days = buckets.horizon_days
    left join buckets as reference
        on reference.signal = buckets.signal
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        and reference.bucket = nullif(chosen.reference_bucket, buckets.bucket)
        and reference.horizon_days = buckets.horizon_days
),

final as (
    select
        paired.signal,
        paired.bucket,
        cast(paired.bucket_rank as int) as bucket_rank,
        paired.compared_with as reference_bucket,
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
        {{ compared_shares('churn_rate', 'churned_n', 'active_n') }},
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
        {{ compared_means(outcome) }}
        {%- endfor %},
        cast(paired.referrals_n as bigint) as referrals_customer_count,
        cast(paired.referrals_sum as bigint) as referral_count,
        round({{ ratio('paired.referrals_sum', 'paired.referrals_n') }}, 10)
            as referrals_per_customer,
        cast(paired.referring_n as bigint) as referring_customer_count,
        {{ ratio('paired.referring_n', 'paired.referrals_n') }} as referring_rate,
        {{ wilson_bound('paired.referring_n', 'paired.referrals_n', -1) }} as referring_rate_low,
        {{ wilson_bound('paired.referring_n', 'paired.referrals_n', 1) }} as referring_rate_high,
        {{ compared_shares('referring_rate', 'referring_n', 'referrals_n') }},
        referring.difference as adjusted_referring_rate_difference
        {%- for side, end in [(-1, 'low'), (1, 'high')] %},
        round(referring.difference
            + {{ side }} * {{ interval_reach() }} * referring.standard_error, 10)
            as adjusted_referring_rate_difference_{{ end }}
        {%- endfor %},
        case
            when paired.is_reference then 'reference'
            when paired.referrals_n = 0 or paired.referrals_n_two = 0 then 'not_recorded'
            when referring.difference is null then 'too_few_referring'
        end as referring_not_adjusted_reason,
        cast(paired.growth_n as bigint) as growth_customer_count,
        {{ money(ratio('paired.before_sum', 'paired.growth_n')) }}
            as average_net_revenue_before_amount,
        round(paired.growth_ratio - 1, 10) as net_revenue_growth_rate
    from paired
    left join adjusted
        on {{ same('adjusted', 'paired', ['signal', 'horizon_days', 'bucket', 'compared_with']) }}
    left join referring
        on {{ same('referring', 'paired', ['signal', 'horizon_days', 'bucket', 'compared_with']) }}
)

select * from final
