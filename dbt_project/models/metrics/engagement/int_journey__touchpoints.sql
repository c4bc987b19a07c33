-- Grain: one row per touch up to the as-of date
with

touches as (select * from {{ ref('int_touchpoints__with_revenue') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

-- An answer belongs where the touchpoint it is about is: the stage most touches there name.
stage_counts as (
    select
        touchpoint,
        journey_stage,
        row_number() over (
            partition by touchpoint
            order by count(*) desc, journey_stage
        ) as stage_rank
    from touches
    where touchpoint is not null
        and journey_stage is not null
    group by 1, 2
),

placed as (
    select
        touches.*,
        coalesce(
            touches.journey_stage,
            case
                when touches.source_entity = 'survey_responses' then stage_counts.journey_stage
            end,
            'unknown'
        ) as stage,
        coalesce(touches.touchpoint, 'unknown') as place
    from touches
    left join stage_counts
        on stage_counts.touchpoint = touches.touchpoint
        and stage_counts.stage_rank = 1
),

followed as (
    select
        *,
        min(case when source_entity = 'tickets' then business_date end) over (
            partition by customer_key
            order by occurred_at, source_entity, source_id
            rows between 1 following and unbounded following
        ) as next_ticket_date
    from placed
),

final as (
    select
        followed.customer_key,
        followed.source_entity,
        followed.source_id,
        followed.occurred_at,
        followed.business_date,
        followed.month_date,
        followed.stage as journey_stage,
        followed.place as touchpoint,
        followed.customer_key <> 'unknown' as is_known,
        coalesce(followed.direction, 'inbound') <> 'outbound' as is_own,
        followed.ticket_id,
        followed.next_ticket_date,
        tickets.is_repeat_contact,
        tickets.effort_score,
        responses.is_csat_good,
        responses.is_low_effort
    from followed
    left join responses
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on responses.response_id
            = case when followed.source_entity = 'survey_responses' then followed.source_id end
    left join tickets
        on tickets.ticket_id
            = case when followed.source_entity = 'tickets' then followed.source_id end
)

select * from final
