-- Grain: one row per ticket, its waiting and handling times
{%- set unsolved = "'new', 'open', 'pending', 'hold'" %}
{#- name, measures counted, measures that show it is known -#}
{%- set measures = [
    ('first_reply', "'first_reply'", "'first_reply'"),
    ('unanswered', "'unanswered'", "'unanswered'"),
    ('unresolved', "'unresolved'", "'unresolved'"),
    ('first_resolution', "'first_resolution'", "'first_resolution'"),
    ('full_resolution', "'full_resolution'", "'full_resolution'"),
    ('requester_wait', "'new', 'open', 'hold'", unsolved),
    ('agent_wait', "'pending'", unsolved),
    ('on_hold', "'hold'", unsolved),
] %}
with

spans as (select * from {{ ref('int_tickets__business_spans') }}),

-- Where the history of a ticket is known, no time in a status is 0 and not unknown.
final as (
    select
        ticket_id
        {%- for clock in ['calendar', 'business'] %}
        {%- for name, counted, known in measures %},
        cast(
            sum(
                case
                    when measure in ({{ counted }})
                        then {{ clock }}_minutes
                    else 0 * {{ clock }}_minutes
                end
            ) filter (
                where measure in ({{ known }})
            )
            as decimal(18, 4)
        ) as {{ name }}_{{ clock }}_minutes
        {%- endfor %}
        {%- endfor %}
    from spans
    group by 1
)

select * from final
