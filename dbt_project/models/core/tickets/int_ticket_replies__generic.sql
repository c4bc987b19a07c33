-- Grain: one row per ticket with a public reply by a human agent whose words are on record
with

events as (select * from {{ ref('stg_support__ticket_events') }}),

sequenced as (select * from {{ ref('int_ticket_events__enriched') }}),

settings as (
    select coalesce({{ setting('form_answer_tickets', 'int') }}, 20) as form_answer_tickets
    from {{ ref('analyst_settings') }}
),

replies as (
    select
        sequenced.ticket_id,
        {{ normalised('events.comment_text') }} as words
    from sequenced
    inner join events
        on events.event_id = sequenced.event_id
    where sequenced.is_agent_reply
        and {{ normalised('events.comment_text') }} is not null
),

forms as (
    select
        words,
        count(distinct ticket_id) as ticket_count
    from replies
    group by words
),

-- Generic = every answer the customer got is a form that many others got word for word.
final as (
    select
        replies.ticket_id,
        count(*) as reply_count,
        min(forms.ticket_count) >= max(settings.form_answer_tickets) as is_generic_answer
    from replies
    inner join forms
        on forms.words = replies.words
    cross join settings
    group by replies.ticket_id
)

select * from final
