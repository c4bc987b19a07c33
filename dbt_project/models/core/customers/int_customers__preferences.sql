-- Grain: one row per customer_key with a contact, a page view or a purchase of a known product
with

interactions as (select * from {{ ref('stg_crm__interactions') }}),

tickets as (select * from {{ ref('stg_support__tickets') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

customers as (select * from {{ ref('int_customer_identifiers__matched') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Count per reference first, so that keys are made for few rows.
reference_counts as (
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
    -- A contact counts once, however long. Product use does not tell how to reach a customer, and
    -- what the company sends tells where it writes and not where the customer is.
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
        customers.customer_key,
        reference_counts.preference_kind,
        reference_counts.preference,
        sum(reference_counts.touch_count) as touch_count,
        null as revenue_amount
    from reference_counts
    inner join customers
        on customers.reference_key = {{ reference_key('reference_counts') }}
    where customers.customer_key <> 'unknown'
        and reference_counts.preference is not null
    group by
        customers.customer_key, reference_counts.preference_kind, reference_counts.preference

    union all

    select
        transactions.customer_key,
        'bought_product' as preference_kind,
        transactions.product as preference,
        count(*) as touch_count,
        sum(transactions.gross_revenue_amount) as revenue_amount
    from transactions
    cross join run_parameters
    where transactions.transaction_kind = 'sale'
        and transactions.product is not null
        and transactions.customer_key <> 'unknown'
        and transactions.business_date <= run_parameters.as_of_date
    group by transactions.customer_key, transactions.product
),

-- Of products bought equally often the one that was paid more for goes first.
ranked as (
    select
        *,
        row_number() over (
            partition by customer_key, preference_kind
            order by touch_count desc, revenue_amount desc nulls last, preference
        ) as preference_rank
    from counted
),

final as (
    select
        customer_key,
        max(preference) filter (where preference_kind = 'channel') as observed_channel,
        max(preference) filter (where preference_kind = 'viewed_category')
            as most_viewed_category,
        max(preference) filter (where preference_kind = 'asked_about') as most_asked_about,
        max(preference) filter (where preference_kind = 'bought_product') as most_bought_product
    from ranked
    where preference_rank = 1
    group by customer_key
)

select * from final
