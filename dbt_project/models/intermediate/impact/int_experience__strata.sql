-- Grain: one row per signal, bucket, horizon, kind of customer and tenure band
{%- set outcomes = {
    'net_revenue': 'net_revenue_amount',
    'support_cost': 'support_cost_amount',
    'referrals': 'referral_count',
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
        count(*) as customer_count,
        cast(count(*) filter (where is_active) as double) as active_n,
        cast(count(*) filter (where is_churned) as double) as churned_n
        {%- for outcome, column in outcomes.items() %},
        cast(count({{ column }}) as double) as {{ outcome }}_n,
        cast(coalesce(sum({{ column }}), 0) as double) as {{ outcome }}_sum,
        coalesce({{ product_sum(column, column) }}, 0) as {{ outcome }}_square_sum
        {%- endfor %}
    from outcomes
    group by 1, 2, 3, 4, 5
)

select * from final
