-- Grain: one row per schedule put on a ticket.
select
    row_number,
    concat_ws('-', 'schedule', ticket_id, epoch_ms(created_at)) as event_id,
    ticket_id,
    created_at as occurred_at,
    'schedule' as event_kind,
    schedule_id as value,
    'system' as actor_kind
from ticket_schedules
