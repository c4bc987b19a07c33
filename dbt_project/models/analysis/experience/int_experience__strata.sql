-- Grain: one row per signal, bucket, horizon, kind of customer, tenure band, channel and half-year
{%- set outcomes = {
    'net_revenue': 'net_revenue_amount',
    'support_cost': 'support_cost_amount',
} %}
with

outcomes as (select * from {{ ref('int_experience__outcomes') }}),

final as (
    select
        signal,
        bucket,
        horizon_days,
        customer_kind,
        tenure_band,
        channel,
        signal_half,
        count(*) as customer_count,
        cast(count(*) filter (where is_active) as double) as active_n,
        cast(count(*) filter (where is_churned) as double) as churned_n,
        cast(count(referral_count) as double) as referrals_n,
        cast(sum(referral_count) as double) as referrals_sum,
        cast(count(*) filter (where referral_count > 0) as double) as referring_n
        {%- for outcome, column in outcomes.items() %},
        cast(count({{ column }}) as double) as {{ outcome }}_n,
        cast(coalesce(sum({{ column }}), 0) as double) as {{ outcome }}_sum,
        coalesce({{ product_sum(column, column) }}, 0) as {{ outcome }}_square_sum
        {%- endfor %}
    from outcomes
    group by signal, bucket, horizon_days, customer_kind, tenure_band, channel, signal_half
)

select * from final
