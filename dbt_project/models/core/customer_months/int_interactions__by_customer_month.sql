-- Grain: one row per customer and month with a touch of any channel
with

interactions as (select * from {{ ref('fct_interactions') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

final as (
    select
        interactions.customer_key,
        interactions.month_date,
        count(*) as interaction_count,
        cast(coalesce(sum(interactions.quantity) filter (
            where interactions.interaction_kind = 'product_use'
        ), 0) as bigint) as product_use_count,
        count(*) filter (where interactions.source_entity = 'tickets') as ticket_count,
        count(*) filter (where interactions.source_entity = 'survey_responses')
            as survey_response_count,
        max(interactions.business_date) filter (
            where interactions.interaction_kind = 'product_use'
        ) as last_use_date
    from interactions
    cross join run_parameters
    where interactions.business_date <= run_parameters.as_of_date
    group by 1, 2
)

select * from final
