-- Grain: one row per bucket of a signal and horizon
{%- set money_outcomes = ['net_revenue', 'support_cost'] %}
with

buckets as (select * from {{ ref('int_experience__outcome_sums') }}),

crude as (select * from {{ ref('int_experience__unadjusted_effects') }}),

leaving as (select * from {{ ref('int_experience__stratified_churn_effects') }}),

adjusted as (select * from {{ ref('int_experience__stratified_effects') }}),

referring as (select * from {{ ref('int_experience__stratified_referral_effects') }}),

final as (
    select
        buckets.signal,
        buckets.bucket,
        cast(buckets.bucket_rank as int) as bucket_rank,
        crude.compared_with as reference_bucket,
        crude.is_reference,
        cast(buckets.horizon_days as int) as horizon_days,
        true as is_association,
        buckets.signal_count,
        buckets.compared_count as customer_count,
        buckets.repeated_count as repeated_signal_count,
        buckets.too_recent_count as too_recent_signal_count,
        buckets.too_old_count as too_old_signal_count,
        buckets.unknown_customer_count as unknown_customer_signal_count,
        cast(buckets.active_n as bigint) as active_count,
        cast(buckets.churned_n as bigint) as lost_count,
        {{ ratio('buckets.churned_n', 'buckets.active_n') }} as churn_rate,
        {{ wilson_bound('buckets.churned_n', 'buckets.active_n', -1) }} as churn_rate_low,
        {{ wilson_bound('buckets.churned_n', 'buckets.active_n', 1) }} as churn_rate_high,
        {%- for end in ['', '_low', '_high'] %}
        crude.churn_rate_difference{{ end }} as unadjusted_churn_rate_difference{{ end }},
        {%- endfor %}
        {%- for end in ['', '_low', '_high'] %}
        crude.churn_risk_ratio{{ end }} as unadjusted_churn_risk_ratio{{ end }},
        {%- endfor %}
        crude.churn_not_compared_reason,
        coalesce(leaving.churn_strata_count, 0) as churn_strata_count,
        leaving.churn_risk_ratio as adjusted_churn_risk_ratio,
        round({{ log_bound('leaving.churn_risk_ratio', 'leaving.churn_log_error', -1) }}, 10)
            as adjusted_churn_risk_ratio_low,
        round({{ log_bound('leaving.churn_risk_ratio', 'leaving.churn_log_error', 1) }}, 10)
            as adjusted_churn_risk_ratio_high,
        {{ not_adjusted_reason('churn', 'leaving') }}
        {%- for outcome in money_outcomes %},
        cast(buckets.{{ outcome }}_n as bigint) as {{ outcome }}_customer_count,
        {{ money('buckets.' ~ outcome ~ '_sum') }} as {{ outcome }}_amount,
        {{ money(ratio('buckets.' ~ outcome ~ '_sum', 'buckets.' ~ outcome ~ '_n')) }}
            as average_{{ outcome }}_amount,
        {%- for end in ['', '_low', '_high'] %}
        {{ money('crude.' ~ outcome ~ '_difference' ~ end) }}
            as unadjusted_{{ outcome }}_difference{{ end }}_amount,
        {%- endfor %}
        crude.{{ outcome }}_not_compared_reason,
        {{ money('adjusted.' ~ outcome ~ '_base_difference') }}
            as {{ outcome }}_difference_before_amount
        {%- for part, name in [('change', 'before_after'), ('trend_adjusted', 'adjusted')] %}
        {%- set difference = 'adjusted.' ~ outcome ~ '_' ~ part %},
        {{ money(difference ~ '_difference') }}
            as {{ name }}_{{ outcome }}_difference_amount
        {%- for sign, end in [('-', 'low'), ('+', 'high')] %},
        {{ money(difference ~ '_difference ' ~ sign ~ ' ' ~ difference ~ '_half_width') }}
            as {{ name }}_{{ outcome }}_difference_{{ end }}_amount
        {%- endfor %}
        {%- endfor %},
        {{ not_adjusted_reason(outcome) }}
        {%- endfor %},
        cast(buckets.referrals_n as bigint) as referrals_customer_count,
        cast(buckets.referrals_sum as bigint) as referral_count,
        round({{ ratio('buckets.referrals_sum', 'buckets.referrals_n') }}, 10)
            as referrals_per_customer,
        cast(buckets.referring_n as bigint) as referring_customer_count,
        {{ ratio('buckets.referring_n', 'buckets.referrals_n') }} as referring_rate,
        {{ wilson_bound('buckets.referring_n', 'buckets.referrals_n', -1) }} as referring_rate_low,
        {{ wilson_bound('buckets.referring_n', 'buckets.referrals_n', 1) }} as referring_rate_high,
        {%- for end in ['', '_low', '_high'] %}
        crude.referring_rate_difference{{ end }} as unadjusted_referring_rate_difference{{ end }},
        {%- endfor %}
        crude.referring_not_compared_reason,
        referring.difference as adjusted_referring_rate_difference
        {%- for side, end in [(-1, 'low'), (1, 'high')] %},
        round(referring.difference
            + {{ side }} * {{ interval_reach() }} * referring.standard_error, 10)
            as adjusted_referring_rate_difference_{{ end }}
        {%- endfor %},
        {{ not_adjusted_reason('referring', 'referring') }},
        cast(buckets.growth_n as bigint) as growth_customer_count,
        {{ money(ratio('buckets.before_sum', 'buckets.growth_n')) }}
            as average_net_revenue_before_amount,
        round({{ ratio('buckets.after_sum', 'buckets.before_sum') }} - 1, 10)
            as net_revenue_growth_rate
    from buckets
    inner join crude
        on {{ same('crude', 'buckets', ['signal', 'horizon_days', 'bucket']) }}
    left join leaving
        on {{ same('leaving', 'crude', ['signal', 'horizon_days', 'bucket', 'compared_with']) }}
    left join adjusted
        on {{ same('adjusted', 'crude', ['signal', 'horizon_days', 'bucket', 'compared_with']) }}
    left join referring
        on {{ same('referring', 'crude', ['signal', 'horizon_days', 'bucket', 'compared_with']) }}
)

select * from final
