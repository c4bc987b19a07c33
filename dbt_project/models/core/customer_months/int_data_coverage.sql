-- Grain: one row for the company, what its extracts hold at all and since when
with

transactions as (select * from {{ ref('fct_transactions') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

support_costs as (select * from {{ ref('int_support_costs__by_ticket') }}),

touches as (select * from {{ ref('fct_interactions') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Before the first row of a kind the extracts do not hold it, which is not the same as none.
begun as (
    select
        min(touches.business_date) filter (where touches.source_entity = 'tickets')
            as ticket_from_date,
        min(touches.business_date) filter (where touches.source_entity = 'survey_responses')
            as answer_from_date,
        min(touches.business_date) filter (where touches.interaction_kind = 'purchase')
            as purchase_from_date,
        min(touches.business_date) filter (
            where touches.interaction_kind = 'product_use' and touches.quantity > 0
        ) as use_from_date,
        min(touches.business_date) filter (
            where touches.interaction_kind = 'page_view' and touches.quantity > 0
        ) as view_from_date,
        min(touches.business_date) filter (
            where touches.interaction_kind in ('community_post', 'social_mention', 'review')
        ) as community_from_date
    from touches
    cross join run_parameters
    where touches.business_date <= run_parameters.as_of_date
),

final as (
    select
        (select count(*) from transactions) + (select count(*) from contracts) > 0 as has_revenue,
        (select count(*) from support_costs) > 0 as has_support_cost,
        begun.*
    from begun
)

select * from final
