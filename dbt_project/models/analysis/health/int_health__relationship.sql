-- Grain: one row per customer and score date, on how many days they talked with the company
with

scored_customers as (select * from {{ ref('int_health__scored_customers') }}),

interactions as (select * from {{ ref('fct_interactions') }}),

-- Contacts in which the customer takes part. What the company only sends, and what the other
-- components count (use, purchases, tickets, answers), is left out.
contact_days as (
    select
        customer_key,
        business_date
    from interactions
    where source_entity = 'interactions'
        and (
            interaction_kind in ('call', 'meeting', 'chat', 'community_post')
            or (interaction_kind = 'email' and direction = 'inbound')
        )
    group by customer_key, business_date
),

contact_counts as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        scored_customers.customer_kind,
        scored_customers.is_ranked,
        count(contact_days.business_date) as contact_day_180d_count
    from scored_customers
    left join contact_days
        on contact_days.customer_key = scored_customers.customer_key
        and contact_days.business_date <= scored_customers.score_date
        and contact_days.business_date > scored_customers.score_date - 180
    group by
        scored_customers.customer_key,
        scored_customers.score_date,
        scored_customers.customer_kind,
        scored_customers.is_ranked
),

-- Where no customer of that kind has a contact, contacts are not recorded.
ranked as (
    select
        *,
        case
            when not is_ranked then null
            when max(contact_day_180d_count) over (
                partition by score_date, customer_kind, is_ranked
            ) > 0
                then {{ rank_score('contact_day_180d_count',
                    'score_date, customer_kind, is_ranked') }}
        end as rank_score
    from contact_counts
),

final as (
    select
        customer_key,
        score_date,
        contact_day_180d_count,
        cast(rank_score as decimal(7, 4)) as score,
        concat(
            contact_day_180d_count, ' days with a call, meeting, chat, post or mail in 180 days'
        ) as reason
    from ranked
)

select * from final
