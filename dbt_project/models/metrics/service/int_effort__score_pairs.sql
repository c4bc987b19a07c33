-- Grain: one row per level, measure of effort shown, and ticket or customer that also told of it
with

tickets as (select * from {{ ref('fct_tickets') }}),

effort as (select * from {{ ref('int_tickets__effort_score') }}),

rated as (
    select
        tickets.ticket_id,
        tickets.customer_key,
        effort.effort_score,
        {% for sign in effort_signs() %}
        case when effort.is_handling_known then cast(effort.is_{{ sign }} as integer) end
            as {{ sign }},
        {% endfor %}
        100 - tickets.ces_score_normalised as said_effort,
        tickets.is_low_effort
    from tickets
    inner join effort
        on effort.ticket_id = tickets.ticket_id
    where tickets.ces_score_normalised is not null
),

final as (
    select
        'ticket' as level,
        'effort_score' as measure,
        ticket_id as subject_id,
        cast(effort_score as double) as shown_effort,
        cast(said_effort as double) as said_effort,
        cast(cast(is_low_effort as integer) as double) as low_effort_share
    from rated
    where effort_score is not null

    {% for sign in effort_signs() %}
    union all
    select
        'ticket' as level,
        '{{ sign }}' as measure,
        ticket_id as subject_id,
        cast({{ sign }} as double) as shown_effort,
        cast(said_effort as double) as said_effort,
        cast(cast(is_low_effort as integer) as double) as low_effort_share
    from rated
    where {{ sign }} is not null

    {% endfor %}
    union all
    select
        'customer' as level,
        'effort_score' as measure,
        customer_key as subject_id,
        cast(avg(effort_score) as double) as shown_effort,
        cast(avg(said_effort) as double) as said_effort,
        avg(cast(is_low_effort as integer)) as low_effort_share
    from rated
    where effort_score is not null
        and customer_key <> 'unknown'
    group by customer_key
)

select * from final
