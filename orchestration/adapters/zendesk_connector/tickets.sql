-- Grain: one row per ticket. One that another took in (merged_ticket_ids) is merged, not closed.
with

taken_in as (
    select distinct
        unnest(string_split(regexp_replace(merged_ticket_ids, '[^0-9,]', '', 'g'), ',')) as id
    from tickets_on_record
),

tags as (
    select ticket_id, string_agg(replace(tag, ' ', '_'), ' ' order by tag) as tags
    from ticket_tags
    group by ticket_id
),

first_domains as (
    select organization_id, arg_min(domain_name, place) as domain_name
    from domains
    group by organization_id
)

select
    tickets.row_number,
    tickets.id as ticket_id,
    users.external_id as customer_id,
    users.email as customer_email,
    first_domains.domain_name as customer_domain,
    tickets.created_at,
    tickets.updated_at,
    case lower(tickets.via_channel)
        when 'mobile_sdk' then 'app'
        when 'web_widget' then 'web'
        when 'native_messaging' then 'chat'
        when 'messaging' then 'chat'
        when 'voice' then 'phone'
        when 'phone_call_inbound' then 'phone'
        when 'phone_call_outbound' then 'phone'
        when 'facebook' then 'social'
        when 'twitter' then 'social'
        when 'twitter_dm' then 'social'
        else lower(tickets.via_channel)
    end as channel,
    tickets.priority,
    case
        when taken_in.id is not null then 'merged'
        when lower(tickets.status) = 'on-hold' then 'hold'
        else tickets.status
    end as status,
    lower(tickets.type) as ticket_type,
    tickets.subject,
    tags.tags,
    tickets.problem_id,
    groups.name as group_name,
    tickets.assignee_id,
    tickets.due_at
from tickets
left join users on tickets.requester_id = users.id
left join groups on tickets.group_id = groups.id
left join tags on tickets.id = tags.ticket_id
left join first_domains on tickets.organization_id = first_domains.organization_id
left join taken_in on tickets.id = taken_in.id
