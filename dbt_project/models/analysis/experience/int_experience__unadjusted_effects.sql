-- Grain: one row per bucket of a signal and horizon, beside the bucket it is compared with
{%- set outcomes = ['net_revenue', 'support_cost'] %}
{%- set churn_of_both = ratio(
    'buckets.churned_n + reference.churned_n', 'buckets.active_n + reference.active_n'
) %}
with

buckets as (select * from {{ ref('int_experience__outcome_sums') }}),

chosen as (select * from {{ ref('int_experience__references') }}),

-- The reference beside itself compares to nothing.
paired as (
    select
        buckets.*,
        chosen.reference_bucket as compared_with,
        buckets.bucket = chosen.reference_bucket as is_reference,
        {%- for count in [
            'compared_count', 'churned_n', 'active_n', 'referring_n', 'referrals_n',
        ] %}
        reference.{{ count }} as {{ count }}_two,
        {%- endfor %}
        buckets.active_n as n_one,
        reference.active_n as n_two,
        buckets.active_n * {{ churn_of_both }} as expected_one,
        reference.active_n * {{ churn_of_both }} as expected_two
        {%- for outcome in outcomes %},
        {{ outcome_of_both('buckets', 'reference', outcome) }}
        {%- endfor %}
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

judged as (
    select
        *,
        case
            when is_reference then 'reference'
            else coalesce(
                {{ too_few_reason('lost', 'kept') }},
                case when least(churned_n, churned_n_two) = 0 then 'nobody_lost' end
            )
        end as churn_not_compared_reason,
        case
            when is_reference then 'reference'
            when least(compared_count, compared_count_two) < {{ var('minimum_compared_customers') }}
                then 'too_few_customers'
            when referrals_n = 0 and referrals_n_two = 0 then 'not_recorded'
            when least(referrals_n, referrals_n_two) < {{ var('minimum_compared_customers') }}
                then 'too_few_customers'
        end as referring_not_compared_reason
        {%- for outcome in outcomes %},
        case
            when is_reference then 'reference'
            when least(compared_count, compared_count_two) < {{ var('minimum_compared_customers') }}
                then 'too_few_customers'
            when {{ outcome }}_n = 0 and {{ outcome }}_n_two = 0 then 'not_recorded'
            else {{ alike_reason(outcome) }}
        end as {{ outcome }}_not_compared_reason
        {%- endfor %},
        {{ ratio('churned_n', 'active_n') }}
            / nullif({{ ratio('churned_n_two', 'active_n_two') }}, 0) as risk_ratio,
        -- Katz et al. 1978
        sqrt(greatest(
            1 / nullif(churned_n, 0) - 1 / nullif(active_n, 0)
            + 1 / nullif(churned_n_two, 0) - 1 / nullif(active_n_two, 0), 0
        )) as log_error
    from paired
),

final as (
    select
        signal,
        horizon_days,
        bucket,
        compared_with,
        is_reference,
        {{ compared_shares('churn_rate', 'churned_n', 'active_n') }},
        case when churn_not_compared_reason is null then round(risk_ratio, 10) end
            as churn_risk_ratio
        {%- for side, end in [(-1, 'low'), (1, 'high')] %},
        case when churn_not_compared_reason is null
            then round({{ log_bound('risk_ratio', 'log_error', side) }}, 10)
        end as churn_risk_ratio_{{ end }}
        {%- endfor %},
        churn_not_compared_reason,
        {{ compared_shares('referring_rate', 'referring_n', 'referrals_n') }},
        referring_not_compared_reason
        {%- for outcome in outcomes %},
        {%- set errors = [
            outcome ~ '_error_one', outcome ~ '_n_one', outcome ~ '_error_two', outcome ~ '_n_two',
        ] %}
        case when {{ outcome }}_not_compared_reason is null
            then round({{ outcome }}_difference, 10) end as {{ outcome }}_difference,
        {%- for side, end in [(-1, 'low'), (1, 'high')] %}
        case when {{ outcome }}_not_compared_reason is null
            then {{ welch_bound(outcome ~ '_difference', *errors, side=side) }}
        end as {{ outcome }}_difference_{{ end }},
        {%- endfor %}
        {{ outcome }}_not_compared_reason
        {%- endfor %}
    from judged
)

select * from final
