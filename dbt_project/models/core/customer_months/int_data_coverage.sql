-- Grain: one row for the company, what its extracts hold at all and since when
with

transactions as (select * from {{ ref('fct_transactions') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

support_costs as (select * from {{ ref('int_support_costs__by_ticket') }}),

interactions as (select * from {{ ref('fct_interactions') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Before the first row of a kind the extracts do not hold it: no row means unknown and not none.
first_dates as (
    select
        min(interactions.business_date) filter (where interactions.source_entity = 'tickets')
            as ticket_from_date,
        min(interactions.business_date) filter (
            where interactions.source_entity = 'survey_responses'
        ) as answer_from_date,
        min(interactions.business_date) filter (where interactions.interaction_kind = 'purchase')
            as purchase_from_date,
        min(interactions.business_date) filter (
            where interactions.interaction_kind = 'product_use' and interactions.quantity > 0
        ) as use_from_date,
        min(interactions.business_date) filter (
            where interactions.interaction_kind = 'page_view' and interactions.quantity > 0
        ) as view_from_date,
        min(interactions.business_date) filter (
            where interactions.interaction_kind in ('community_post', 'social_mention', 'review')
        ) as community_from_date
    from interactions
    cross join run_parameters
    where interactions.business_date <= run_parameters.as_of_date
),

final as (
    select
        (select count(*) from transactions) + (select count(*) from contracts) > 0 as has_revenue,
        (select count(*) from support_costs) > 0 as has_support_cost,
        first_dates.*
    from first_dates
)

select * from final
