-- Grain: one row per signal, bucket, horizon and stratum: see experience_strata
{%- set outcomes = ['net_revenue', 'support_cost'] %}
{%- set amounts = [] %}
{%- for outcome in outcomes %}
{%- do amounts.append(outcome) %}
{%- for part in experience_parts() %}
{%- do amounts.append(outcome ~ '_' ~ part) %}
{%- endfor %}
{%- endfor %}
with

outcomes as (select * from {{ ref('int_experience__outcomes') }}),

-- What a customer spent before: who is alike in that is compared in leaving and
-- referring, which have no before of their own.
ranked as (
    select
        *,
        net_revenue_base_amount + net_revenue_earlier_amount as spent_amount,
        percent_rank() over (
            partition by
                signal,
                horizon_days,
                customer_kind,
                net_revenue_base_amount + net_revenue_earlier_amount > 0
            order by net_revenue_base_amount + net_revenue_earlier_amount
        ) as spent_rank
    from outcomes
),

-- Change: after less base, what was there before is gone. Trend-adjusted: that change less 1.5
-- times the one from earlier to base, since a horizon and a half lies between the middles of base
-- and after, and one between those of earlier and base.
changed as (
    select
        *,
        case
            when spent_amount is null then 'not_known'
            when spent_amount <= 0 then 'none'
            else concat(
                case when spent_rank < 0.5 then 'lower' else 'higher' end,
                case when net_revenue_before_amount < 0.9 * net_revenue_base_amount
                    then '_falling' else '_not_falling' end
            )
        end as spending_before
        {%- for outcome in outcomes %},
        case when {{ outcome }}_earlier_amount is not null and {{ outcome }}_amount is not null
            then {{ outcome }}_base_amount end as {{ outcome }}_base,
        case when {{ outcome }}_earlier_amount is not null
            then {{ outcome }}_amount - {{ outcome }}_base_amount end as {{ outcome }}_change,
        {{ outcome }}_amount - 2.5 * {{ outcome }}_base_amount
            + 1.5 * {{ outcome }}_earlier_amount as {{ outcome }}_trend_adjusted,
        {{ outcome }}_amount as {{ outcome }}
        {%- endfor %}
    from ranked
),

final as (
    select
        signal,
        bucket,
        horizon_days,
        customer_kind,
        tenure_band,
        channel,
        signal_half,
        spending_before,
        count(*) as customer_count,
        cast(count(*) filter (where is_active) as double) as active_n,
        cast(count(*) filter (where is_churned) as double) as churned_n,
        cast(count(referral_count) as double) as referrals_n,
        cast(sum(referral_count) as double) as referrals_sum,
        cast(count(*) filter (where referral_count > 0) as double) as referring_n
        {%- for amount in amounts %},
        cast(count({{ amount }}) as double) as {{ amount }}_n,
        cast(coalesce(sum({{ amount }}), 0) as double) as {{ amount }}_sum,
        coalesce({{ product_sum(amount, amount) }}, 0) as {{ amount }}_square_sum
        {%- endfor %}
    from changed
    group by
        signal, bucket, horizon_days,
        customer_kind, tenure_band, channel, signal_half, spending_before
)

select * from final
