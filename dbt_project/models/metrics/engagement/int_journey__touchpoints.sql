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

with_stage as (
    select
        touches.*,
        coalesce(
            touches.journey_stage,
            case
                when touches.source_entity = 'survey_responses' then stage_counts.journey_stage
            end,
            'unknown'
        ) as stage,
        coalesce(touches.touchpoint, 'unknown') as known_touchpoint
    from touches
    left join stage_counts
        on stage_counts.touchpoint = touches.touchpoint
        and stage_counts.stage_rank = 1
),

with_next_ticket as (
    select
        *,
        min(case when source_entity = 'tickets' then business_date end) over (
            partition by customer_key
            order by occurred_at, source_entity, source_id
            rows between 1 following and unbounded following
        ) as next_ticket_date
    from with_stage
),

final as (
    select
        with_next_ticket.customer_key,
        with_next_ticket.source_entity,
        with_next_ticket.source_id,
        with_next_ticket.occurred_at,
        with_next_ticket.business_date,
        with_next_ticket.month_date,
        with_next_ticket.stage as journey_stage,
        with_next_ticket.known_touchpoint as touchpoint,
        with_next_ticket.customer_key <> 'unknown' as is_known,
        coalesce(with_next_ticket.direction, 'inbound') <> 'outbound' as is_own,
        with_next_ticket.ticket_id,
        with_next_ticket.next_ticket_date,
        tickets.is_repeat_contact,
        tickets.effort_score,
        responses.is_csat_good,
        responses.is_low_effort
    from with_next_ticket
    left join responses
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on responses.response_id
            = case
                when with_next_ticket.source_entity = 'survey_responses'
                    then with_next_ticket.source_id
            end
    left join tickets
        on tickets.ticket_id
            = case
                when with_next_ticket.source_entity = 'tickets' then with_next_ticket.source_id
            end
)

select * from final
