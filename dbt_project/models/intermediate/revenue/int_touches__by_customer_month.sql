-- Grain: one row per customer and month with a touch of any channel
with

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

resolved as (select * from {{ ref('int_customer_references__resolved') }}),

touches as (
    {% for entity, kind, at in [
        ('stg_crm__interactions', 'interaction_kind', 'occurred_at'),
        ('stg_support__tickets', "'ticket'", 'created_at'),
        ('stg_survey__survey_responses', "'survey_response'", 'answered_at'),
    ] %}
    select
        {{ reference_key() }} as reference_key,
        {{ kind }} as touch_kind,
        {{ at }} as touched_at
    from {{ ref(entity) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

dated as (
    select
        coalesce(resolved.customer_key, 'unknown') as customer_key,
        touches.touch_kind,
        cast({{ to_local('touches.touched_at', 'run_parameters.time_zone') }} as date)
            as business_date,
        run_parameters.as_of_date
    from touches
    cross join run_parameters
    left join resolved
        on resolved.reference_key = touches.reference_key
),

final as (
    select
        customer_key,
        cast(date_trunc('month', business_date) as date) as month_date,
        count(*) as interaction_count,
        count(*) filter (where touch_kind = 'product_use') as product_use_count,
        count(*) filter (where touch_kind = 'ticket') as ticket_count,
        count(*) filter (where touch_kind = 'survey_response') as survey_response_count,
        max(business_date) filter (where touch_kind = 'product_use') as last_use_date
    from dated
    where business_date <= as_of_date
    group by 1, 2
)

select * from final
