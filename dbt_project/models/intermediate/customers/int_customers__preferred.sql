-- Grain: one row per customer_key with a touch or a ticket
with

interactions as (select * from {{ ref('stg_crm__interactions') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

resolved as (select * from {{ ref('int_customer_references__resolved') }}),

-- Counted per reference first, so that keys are made for few rows.
touches as (
    select
        customer_id,
        customer_email,
        customer_domain,
        channel,
        case when interaction_kind = 'page_view' then coalesce(object_category, object) end
            as viewed_category,
        sum(coalesce(quantity, 1)) as touch_count
    from interactions
    -- What the company sends says where it writes, not where the customer is.
    where coalesce(direction, 'inbound') = 'inbound'
    group by customer_id, customer_email, customer_domain, channel, viewed_category

    union all

    select
        customer_id,
        customer_email,
        customer_domain,
        channel,
        null as viewed_category,
        count(*) as touch_count
    from tickets
    group by customer_id, customer_email, customer_domain, channel
),

of_customers as (
    select
        resolved.customer_key,
        touches.channel,
        touches.viewed_category,
        touches.touch_count
    from touches
    inner join resolved
        on resolved.reference_key = {{ reference_key('touches') }}
    where resolved.customer_key <> 'unknown'
),

counted as (
    select
        customer_key,
        'channel' as preference_kind,
        channel as preference,
        sum(touch_count) as touch_count
    from of_customers
    where channel is not null
    group by customer_key, channel

    union all

    select
        customer_key,
        'viewed_category' as preference_kind,
        viewed_category as preference,
        sum(touch_count) as touch_count
    from of_customers
    where viewed_category is not null
    group by customer_key, viewed_category
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_key, preference_kind
            order by touch_count desc, preference
        ) as preference_rank
    from counted
),

final as (
    select
        customer_key,
        max(preference) filter (where preference_kind = 'channel') as observed_channel,
        max(preference) filter (where preference_kind = 'viewed_category') as most_viewed_category
    from ranked
    where preference_rank = 1
    group by customer_key
)

select * from final
