-- Grain: one row per ticket, the signs of effort it cost the customer and their score
with

measured as (select * from {{ ref('int_tickets__time_metrics') }}),

matters as (select * from {{ ref('int_tickets__repeat_contacts') }}),

answers as (select * from {{ ref('int_ticket_replies__generic') }}),

weights as (
    select
        {% for sign in effort_signs() %}
        cast(max(case when sign = '{{ sign }}' then weight end) as double) as {{ sign }}_weight
,
        {% endfor %}
        cast(sum(weight) as double) as whole_weight
    from {{ ref('effort_weights') }}
),

signed as (
    select
        measured.ticket_id,
        matters.is_repeat_contact,
        measured.reopen_count > 0 as is_reopened,
        measured.handoff_count > 0 as is_handed_off,
        measured.channel_switch_count > 0 as is_channel_switched,
        answers.is_generic_answer,
        measured.reopen_count is not null or measured.handoff_count is not null
            as is_handling_known
    from measured
    inner join matters
        on matters.ticket_id = measured.ticket_id
    left join answers
        on answers.ticket_id = measured.ticket_id
),

-- A sign nobody could see counts on neither side: what is known is weighed against what is known.
weighed as (
    select
        signed.*,
        {% for sign in effort_signs() %}
        case when signed.is_{{ sign }} then weights.{{ sign }}_weight else 0 end
        {{- ' +' if not loop.last }}
        {%- endfor %} as shown_weight,
        {% for sign in effort_signs() %}
        case when signed.is_{{ sign }} is null then 0 else weights.{{ sign }}_weight end
        {{- ' +' if not loop.last }}
        {%- endfor %} as known_weight,
        weights.whole_weight
    from signed
    cross join weights
),

final as (
    select
        ticket_id,
        {% for sign in effort_signs() %}
        is_{{ sign }},
        {% endfor %}
        is_handling_known,
        coalesce(is_repeat_contact, false)
        or coalesce(is_reopened, false)
        or coalesce(is_handed_off, false)
        or coalesce(is_channel_switched, false) as is_high_effort,
        cast(case when is_handling_known then {{ ratio('100 * shown_weight', 'known_weight') }} end
            as decimal(7, 4)) as effort_score,
        {{ ratio('case when is_handling_known then known_weight else 0 end', 'whole_weight') }}
            as effort_coverage_rate
    from weighed
)

select * from final
