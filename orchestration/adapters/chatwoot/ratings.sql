-- Grain: one row per rating; one changed later is a new version of the same answer.
select
    ratings.row_number,
    'chatwoot-csat-' || ratings.id as response_id,
    contacts.identifier as customer_id,
    contacts.email as customer_email,
    ratings.created_at as answered_at,
    ratings.rating as score,
    ratings.feedback as comment,
    conversations.display_id as ticket_id
from ratings
left join conversations on ratings.conversation_id = conversations.id
left join contacts on ratings.contact_id = contacts.id
