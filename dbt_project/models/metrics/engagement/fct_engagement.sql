-- Grain: one row per customer and month, from their first event to the as-of month
with

measures as (select * from {{ ref('int_engagement__measures') }}),

trailed as (
    select
        *,
        max(last_active_date) over (
            partition by customer_key
            order by month_date
            rows between unbounded preceding and current row
        ) as last_active_to_date,
        sum(active_day_count) over three_months_before as active_days_before,
        sum(observed_day_count) over three_months_before as observed_days_before
    from measures
    window three_months_before as (
        partition by customer_key
        order by month_date
        rows between 3 preceding and 1 preceding
    )
),

compared as (
    select
        *,
        case when is_comparable then cast(active_days_before as bigint) end
            as trailing_active_day_count,
        active_day_count + active_days_before as compared_days,
        {{ ratio('observed_day_count', 'observed_day_count + observed_days_before') }}
            as expected_share
    from trailed
),

-- Were nothing to change, each active day would fall into this month by its share of the days.
expected as (
    select
        *,
        active_day_count - compared_days * expected_share as surplus_days,
        sqrt(compared_days * expected_share * (1 - expected_share)) as standard_error
    from compared
),

-- Days are whole, hence the half; rounded where engines begin to differ.
tested as (
    select
        *,
        case
            when is_comparable then round(sign(surplus_days) * {{ ratio(
                'greatest(abs(surplus_days) - 0.5, 0)', 'standard_error'
            ) }}, 6)
        end as engagement_change_z
    from expected
),

final as (
    select
        customer_key,
        month_date,
        is_closed_month,
        cast(observed_day_count as int) as observed_day_count,
        interaction_count,
        own_interaction_count,
        active_day_count,
        case when is_use_recorded then product_use_count end as product_use_count,
        case when is_use_recorded then product_use_day_count end as product_use_day_count,
        case when is_view_recorded then page_view_count end as page_view_count,
        case when is_community_recorded then community_count end as community_count,
        last_active_to_date as last_active_date,
        cast({{ days_between('last_active_to_date', 'end_date') }} as int)
            as days_since_last_activity,
        trailing_active_day_count,
        {{ ratio('active_day_count * observed_days_before',
            'trailing_active_day_count * observed_day_count') }} - 1 as engagement_change_rate,
        engagement_change_z,
        case
            when not is_comparable then null
            when compared_days = 0 then 'inactive'
            when engagement_change_z >= 1.96 then 'rising'
            when engagement_change_z <= -1.96 then 'falling'
            else 'steady'
        end as engagement_trend
    from tested
)

select * from final
