-- Grain: one row per comment. Of an author who is not in the table user nobody knows whether he is
-- the customer: the row is refused.
select
    comments.row_number,
    'comment-' || comments.id as event_id,
    comments.ticket_id,
    comments.created as occurred_at,
    comments.is_public,
    case
        when comments.user_id = '-1' then 'system'
        when lower(users.role) = 'end-user' then 'customer'
        when lower(users.role) = 'admin' then 'agent'
        else users.role
    end as actor_kind,
    comments.user_id as actor_id,
    comments.body as comment_text
from comments
left join users on comments.user_id = users.id
