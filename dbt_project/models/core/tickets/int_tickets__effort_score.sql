-- Grain: one row per ticket, the signs of effort it cost the customer and their score
{%- set signs = [
    'repeat_contact', 'reopened', 'handed_off', 'channel_switched', 'generic_answer',
] %}
with

time_metrics as (select * from {{ ref('int_tickets__time_metrics') }}),

repeat_contacts as (select * from {{ ref('int_tickets__repeat_contacts') }}),

enriched_events as (select * from {{ ref('int_ticket_events__enriched') }}),

ticket_events as (select * from {{ ref('stg_support__ticket_events') }}),

effort_weights as (select * from {{ ref('effort_weights') }}),

settings as (select * from {{ ref('int_settings') }}),

replies as (
    select
        enriched_events.ticket_id,
        {{ normalised('ticket_events.comment_text') }} as reply_text
    from enriched_events
    inner join ticket_events
        on ticket_events.event_id = enriched_events.event_id
    where enriched_events.is_agent_reply
        and {{ normalised('ticket_events.comment_text') }} is not null
),

reply_texts as (
    select
        reply_text,
        count(distinct ticket_id) as ticket_count
    from replies
    group by reply_text
),

-- Templated replies: every answer the customer got is one that many others got word for word.
templated_replies as (
    select
        replies.ticket_id,
        min(reply_texts.ticket_count) >= max(settings.form_answer_tickets) as is_generic_answer
    from replies
    inner join reply_texts
        on reply_texts.reply_text = replies.reply_text
    cross join settings
    group by replies.ticket_id
),

weights as (
    select
        {%- for sign in signs %}
        cast(max(case when sign = '{{ sign }}' then weight end) as double) as {{ sign }}_weight,
        {%- endfor %}
        cast(sum(weight) as double) as total_weight
    from effort_weights
),

ticket_signs as (
    select
        time_metrics.ticket_id,
        repeat_contacts.is_repeat_contact,
        time_metrics.reopen_count > 0 as is_reopened,
        time_metrics.handoff_count > 0 as is_handed_off,
        time_metrics.channel_switch_count > 0 as is_channel_switched,
        templated_replies.is_generic_answer,
        time_metrics.reopen_count is not null or time_metrics.handoff_count is not null
            as is_handling_known
    from time_metrics
    inner join repeat_contacts
        on repeat_contacts.ticket_id = time_metrics.ticket_id
    left join templated_replies
        on templated_replies.ticket_id = time_metrics.ticket_id
),

-- A sign that could not be observed counts on neither side: the signs shown are weighed against
-- those that are known.
weighted as (
    select
        ticket_signs.*,
        {%- for sign in signs %}
        {{ '+ ' if not loop.first }}case
            when ticket_signs.is_{{ sign }} then weights.{{ sign }}_weight else 0
        end
        {%- endfor %} as shown_weight,
        {%- for sign in signs %}
        {{ '+ ' if not loop.first }}case
            when ticket_signs.is_{{ sign }} is null then 0 else weights.{{ sign }}_weight
        end
        {%- endfor %} as known_weight,
        weights.total_weight
    from ticket_signs
    cross join weights
),

final as (
    select
        ticket_id,
        {%- for sign in signs %}
        is_{{ sign }},
        {%- endfor %}
        is_handling_known,
        coalesce(is_repeat_contact, false)
            or coalesce(is_reopened, false)
            or coalesce(is_handed_off, false)
            or coalesce(is_channel_switched, false) as is_high_effort,
        cast(
            case when is_handling_known then {{ ratio('100 * shown_weight', 'known_weight') }} end
            as decimal(7, 4)
        ) as effort_score,
        {{ ratio('case when is_handling_known then known_weight else 0 end', 'total_weight') }}
            as effort_coverage_rate
    from weighted
)

select * from final
