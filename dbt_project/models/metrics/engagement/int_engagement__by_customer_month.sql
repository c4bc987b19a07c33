-- Grain: one row per customer and month with a touch of any channel
with

touches as (select * from {{ ref('int_touchpoints__with_revenue') }}),

-- What the company sends or bills is not the customer's doing.
judged as (
    select
        *,
        coalesce(direction, 'inbound') <> 'outbound'
            and (interaction_kind <> 'purchase' or is_value) as is_own
    from touches
),

final as (
    select
        customer_key,
        month_date,
        count(*) as interaction_count,
        count(*) filter (where is_own) as own_interaction_count,
        count(distinct case when is_own then business_date end) as active_day_count,
        cast(coalesce(sum(quantity) filter (where interaction_kind = 'product_use'), 0) as bigint)
            as product_use_count,
        count(distinct case when interaction_kind = 'product_use' then business_date end)
            as product_use_day_count,
        cast(coalesce(sum(quantity) filter (where interaction_kind = 'page_view'), 0) as bigint)
            as page_view_count,
        count(*) filter (
            where interaction_kind in ('community_post', 'social_mention', 'review')
        ) as community_count,
        max(business_date) filter (where is_own) as last_active_date
    from judged
    group by customer_key, month_date
)

select * from final
