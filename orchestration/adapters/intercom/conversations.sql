-- Grain: one row per conversation, from the first of its messages; the customer is the author of
-- the first message of a user or lead on record.
with

customers as (
    select
        conversation_id,
        arg_min(author_user_id, (occurred_at, message_id)) as customer_id,
        arg_min(author_email, (occurred_at, message_id)) as customer_email
    from messages_on_record
    where lower(author_type) in ('user', 'lead', 'contact')
    group by conversation_id
)

select
    messages.row_number,
    messages.conversation_id as ticket_id,
    customers.customer_id,
    customers.customer_email,
    messages.created_at,
    case lower(messages.state) when 'snoozed' then 'hold' else messages.state end as status,
    -- Commas part the tags.
    array_to_string(
        list_transform(
            string_split(messages.tags, ','), tag -> replace(trim(tag), ' ', '_')
        ), ' '
    ) as tags,
    messages.closed_at as solved_at,
    cast(date_diff('second', messages.created_at, messages.replied_at) / 60 as decimal(18, 4))
        as first_reply_calendar_minutes
from messages
left join customers using (conversation_id)
