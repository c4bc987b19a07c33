-- Grain: one row per customer_key with a contact or a page view
with

interactions as (select * from {{ ref('stg_crm__interactions') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

resolved as (select * from {{ ref('int_customer_identifiers__matched') }}),

-- Counted per reference first, so that keys are made for few rows.
touches as (
    select
        customer_id,
        customer_email,
        customer_domain,
        'viewed_category' as preference_kind,
        coalesce(object_category, object) as preference,
        sum(coalesce(quantity, 1)) as touch_count
    from interactions
    where interaction_kind = 'page_view'
    group by customer_id, customer_email, customer_domain, preference

    union all

    select
        customer_id,
        customer_email,
        customer_domain,
        'channel' as preference_kind,
        {{ normalised('channel') }} as preference,
        count(*) as touch_count
    from interactions
    -- A contact is one, however long. Product use says nothing of how to be reached, and what the
    -- company sends says where it writes, not where the customer is.
    where interaction_kind in ('call', 'chat', 'email', 'meeting')
        and coalesce(direction, 'inbound') = 'inbound'
    group by customer_id, customer_email, customer_domain, preference

    union all

    select
        customer_id,
        customer_email,
        customer_domain,
        'channel' as preference_kind,
        {{ normalised('channel') }} as preference,
        count(*) as touch_count
    from tickets
    group by customer_id, customer_email, customer_domain, preference

    union all

    select
        customer_id,
        customer_email,
        customer_domain,
        'asked_about' as preference_kind,
        product as preference,
        count(*) as touch_count
    from tickets
    group by customer_id, customer_email, customer_domain, preference
),

counted as (
    select
        resolved.customer_key,
        touches.preference_kind,
        touches.preference,
        sum(touches.touch_count) as touch_count
    from touches
    inner join resolved
        on resolved.reference_key = {{ reference_key('touches') }}
    where resolved.customer_key <> 'unknown'
        and touches.preference is not null
    group by resolved.customer_key, touches.preference_kind, touches.preference
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
        max(preference) filter (where preference_kind = 'viewed_category')
            as most_viewed_category,
        max(preference) filter (where preference_kind = 'asked_about') as most_asked_about
    from ranked
    where preference_rank = 1
    group by customer_key
)

select * from final
