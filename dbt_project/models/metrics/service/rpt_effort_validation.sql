-- Grain: one row per level and measure of effort shown, how far it agrees with what customers say
{%- set signs = [
    'repeat_contact', 'reopened', 'handed_off', 'channel_switched', 'generic_answer',
] %}
with

tickets as (select * from {{ ref('fct_tickets') }}),

effort_scores as (select * from {{ ref('int_tickets__effort_score') }}),

rated_tickets as (
    select
        tickets.ticket_id,
        tickets.customer_key,
        effort_scores.effort_score,
        {% for sign in signs %}
        case
            when effort_scores.is_handling_known then cast(effort_scores.is_{{ sign }} as integer)
        end as {{ sign }},
        {% endfor %}
        100 - tickets.ces_score_normalised as said_effort,
        tickets.is_low_effort
    from tickets
    inner join effort_scores
        on effort_scores.ticket_id = tickets.ticket_id
    where tickets.ces_score_normalised is not null
),

-- Effort that the handling shows beside effort that the customer told of: of each ticket by its
-- score and by every sign, and of each customer on average.
pairs as (
    select
        'ticket' as level,
        'effort_score' as measure,
        ticket_id as subject_id,
        cast(effort_score as double) as shown_effort,
        cast(said_effort as double) as said_effort,
        cast(cast(is_low_effort as integer) as double) as low_effort_share
    from rated_tickets
    where effort_score is not null

    {% for sign in signs %}
    union all
    select
        'ticket' as level,
        '{{ sign }}' as measure,
        ticket_id as subject_id,
        cast({{ sign }} as double) as shown_effort,
        cast(said_effort as double) as said_effort,
        cast(cast(is_low_effort as integer) as double) as low_effort_share
    from rated_tickets
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
    from rated_tickets
    where effort_score is not null
        and customer_key <> 'unknown'
    group by customer_key
),

counted as (
    select
        level,
        measure,
        count(*) as unit_count,
        count(*) filter (where shown_effort > 0) as with_sign_count,
        {{ exact_mean('low_effort_share', 'shown_effort > 0') }}
            as ces_low_effort_rate_with_sign,
        {{ exact_mean('low_effort_share', 'shown_effort = 0') }}
            as ces_low_effort_rate_without_sign,
        {{ exact_correlation('shown_effort', 'said_effort') }} as r
    from pairs
    group by 1, 2
),

-- Fisher's interval: on the scale of 1/2 · ln((1 + r) / (1 − r)) the error is 1 / √(n − 3).
transformed as (
    select
        *,
        case when unit_count > 3 and abs(r) < 1 then ln((1 + r) / (1 - r)) / 2 end as z,
        case when unit_count > 3
            then {{ interval_reach() }} / sqrt(unit_count - 3) end as reach
    from counted
),

bounded as (
    select
        *,
        {{ settled('r') }} as correlation,
        {{ settled('(exp(2 * (z - reach)) - 1) / (exp(2 * (z - reach)) + 1)') }}
            as correlation_low,
        {{ settled('(exp(2 * (z + reach)) - 1) / (exp(2 * (z + reach)) + 1)') }}
            as correlation_high
    from transformed
),

final as (
    select
        level,
        measure,
        unit_count,
        with_sign_count,
        correlation,
        correlation_low,
        correlation_high,
        {{ settled('ces_low_effort_rate_with_sign') }} as ces_low_effort_rate_with_sign,
        {{ settled('ces_low_effort_rate_without_sign') }} as ces_low_effort_rate_without_sign,
        case
            when correlation_low is null then 'not_measurable'
            when correlation_low > 0 then 'agrees'
            when correlation_high < 0 then 'contradicts'
            else 'not_proven'
        end as verdict
    from bounded
)

select * from final
