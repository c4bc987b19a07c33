-- Grain: one row per message. What the tool sends by itself (a template) comes from a bot.
select
    messages.row_number,
    'message-' || messages.id as event_id,
    conversations.display_id as ticket_id,
    messages.created_at as occurred_at,
    case
        when lower(messages.message_type) in (
            '0', 'incoming', '1', 'outgoing', '3', 'template'
        ) then 'comment'
        else messages.message_type
    end as event_kind,
    not coalesce(messages.is_private, false) as is_public,
    case
        when lower(messages.message_type) in ('3', 'template') then 'bot'
        when messages.sender_type = 'Contact' then 'customer'
        when messages.sender_type = 'User' then 'agent'
        when messages.sender_type in ('AgentBot', 'Captain::Assistant') then 'bot'
        when messages.sender_type is null and lower(messages.message_type) in ('0', 'incoming')
            then 'customer'
        when messages.sender_type is null then 'bot'
        else messages.sender_type
    end as actor_kind,
    messages.sender_id as actor_id,
    messages.content as comment_text
from messages
left join conversations on messages.conversation_id = conversations.id
