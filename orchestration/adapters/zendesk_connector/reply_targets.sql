-- Grain: one row per policy put on a ticket that promises a first reply: by the version of the
-- policy then in force and the ticket's priority then. A target round the clock is left out where
-- there are business hours, for the contract has none beside them.
with

priorities as (
    select
        policies.ticket_id,
        policies.applied_at,
        arg_max(field_history.value, field_history.updated) as priority
    from policies
    inner join field_history
        on policies.ticket_id = field_history.ticket_id
        and lower(field_history.field_name) = 'priority'
        and field_history.updated <= policies.applied_at
    group by policies.ticket_id, policies.applied_at
),

versions as (
    select
        policies.row_number,
        max(policy_metrics.updated_at) as updated_at
    from policies
    inner join policy_metrics
        on policies.sla_policy_id = policy_metrics.sla_policy_id
        and policy_metrics.updated_at <= policies.applied_at
    group by policies.row_number
)

select
    policies.row_number,
    concat_ws('-', 'target', policies.ticket_id, epoch_ms(policies.applied_at)) as event_id,
    policies.ticket_id,
    policies.applied_at as occurred_at,
    'reply_target' as event_kind,
    policy_metrics.target as value,
    'system' as actor_kind
from policies
inner join versions on policies.row_number = versions.row_number
inner join priorities
    on policies.ticket_id = priorities.ticket_id
    and policies.applied_at = priorities.applied_at
inner join policy_metrics
    on policies.sla_policy_id = policy_metrics.sla_policy_id
    and versions.updated_at = policy_metrics.updated_at
    and priorities.priority = policy_metrics.priority
where lower(policy_metrics.metric) = 'first_reply_time'
    and (policy_metrics.business_hours or (select count(*) from schedules) = 0)
