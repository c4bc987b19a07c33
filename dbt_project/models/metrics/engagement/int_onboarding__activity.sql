-- Grain: one row per customer with a touch in the first weeks
{{ config(materialized='view') }}
with

windows as (select * from {{ ref('int_onboarding__windows') }}),

touches as (select * from {{ ref('int_touchpoints__with_revenue') }}),

-- By day first: a day with many uses is one day with value.
days as (
    select
        touches.customer_key,
        touches.business_date,
        count(*) as interaction_count,
        count(*) filter (where touches.source_entity = 'tickets') as ticket_count,
        count(*) filter (where touches.interaction_kind = 'purchase') as purchase_count,
        coalesce(sum(touches.quantity) filter (
            where touches.interaction_kind = 'product_use'
        ), 0) as product_use_count,
        count(*) filter (where touches.interaction_kind = 'product_use') > 0 as is_use_day,
        count(*) filter (where touches.is_value) > 0 as is_value_day
    from touches
    inner join windows
        on windows.customer_key = touches.customer_key
        and windows.start_date <= touches.business_date
        and windows.observed_until_date >= touches.business_date
    group by touches.customer_key, touches.business_date
),

ranked as (
    select
        *,
        sum(case when is_value_day then 1 else 0 end) over (
            partition by customer_key
            order by business_date
            rows between unbounded preceding and current row
        ) as value_day_number
    from days
),

final as (
    select
        ranked.customer_key,
        cast(sum(ranked.interaction_count) as bigint) as interaction_count,
        cast(sum(ranked.ticket_count) as bigint) as ticket_count,
        cast(sum(ranked.purchase_count) as bigint) as purchase_count,
        cast(sum(ranked.product_use_count) as bigint) as product_use_count,
        count(*) filter (where ranked.is_use_day) as product_use_day_count,
        count(*) filter (where ranked.is_value_day) as value_day_count,
        max(ranked.business_date) filter (where ranked.is_value_day) as last_value_date,
        min(ranked.business_date) filter (
            where ranked.is_value_day
                and ranked.value_day_number = windows.required_value_day_count
        ) as completed_date
    from ranked
    inner join windows
        on windows.customer_key = ranked.customer_key
    group by ranked.customer_key
)

select * from final
