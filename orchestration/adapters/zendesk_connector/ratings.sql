-- Grain: one row per rating given; one changed later is a new version of the same answer.
select
    ratings.row_number,
    'zendesk-csat-' || ratings.ticket_id as response_id,
    users.external_id as customer_id,
    users.email as customer_email,
    coalesce(ratings.updated_at, ratings.created_at) as answered_at,
    case lower(ratings.score)
        when 'good' then '1'
        when 'good_with_comment' then '1'
        when 'bad' then '0'
        when 'bad_with_comment' then '0'
        else ratings.score
    end as score,
    ratings.comment,
    ratings.ticket_id
from ratings
left join users on ratings.requester_id = users.id
