-- Grain: one row per signal: an answer, a ticket's service or a low answer gone back to or not
{%- set answers = [
    ('nps', 'nps_class', 'nps_class', 'relationship'),
    ('csat', "case when is_csat_good then 'good' else 'bad' end", 'is_csat_good', 'transactional'),
    ('ces', "case when is_low_effort then 'low_effort' else 'high_effort' end", 'is_low_effort',
        'transactional'),
] %}
with

responses as (select * from {{ ref('fct_survey_responses') }}),

low_answers as (select * from {{ ref('rpt_feedback_to_close') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

effort as (select * from {{ ref('int_tickets__effort_score') }}),

reopenings as (select * from {{ ref('int_experience__reopenings') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

handled as (
    select
        tickets.*,
        effort.is_handling_known,
        effort.is_high_effort,
        cast({{ to_local('tickets.solved_at', 'run_parameters.time_zone') }} as date)
            as solved_date
    from tickets
    inner join effort
        on effort.ticket_id = tickets.ticket_id
    cross join run_parameters
),

-- A signal counts from the day on which its bucket is settled, the same wait for every bucket:
-- else who leaves early could not have been answered late, or gone back to.
final as (
    {%- for signal, bucket, known, scope in answers %}
    select
        '{{ signal }}' as signal,
        {{ bucket }} as bucket,
        response_id as signal_id,
        ticket_id,
        customer_key,
        'all' as channel,
        business_date as signal_date
    from responses
    where {{ known }} is not null
        and survey_scope = '{{ scope }}'

    union all
    {% endfor %}
    select
        'contact_effort' as signal,
        case when is_high_effort then 'high_effort' else 'low_effort' end as bucket,
        ticket_id as signal_id,
        ticket_id,
        customer_key,
        coalesce(channel, 'unknown') as channel,
        solved_date as signal_date
    from handled
    where is_handling_known
        and solved_date is not null

    union all

    select
        'reopened' as signal,
        case when is_reopened then 'reopened' else 'not_reopened' end as bucket,
        ticket_id as signal_id,
        ticket_id,
        customer_key,
        channel,
        settled_date as signal_date
    from reopenings
    where is_reopened is not null

    union all

    select
        'first_reply' as signal,
        case
            when first_reply_time_calendar_minutes <= 60 then 'within_1_hour'
            when first_reply_time_calendar_minutes <= 240 then 'within_4_hours'
            when first_reply_time_calendar_minutes <= 1440 then 'within_1_day'
            when first_reply_time_calendar_minutes <= 4320 then 'within_3_days'
            else 'over_3_days'
        end as bucket,
        ticket_id as signal_id,
        ticket_id,
        customer_key,
        coalesce(channel, 'unknown') as channel,
        opened_date + 3 as signal_date
    from tickets
    where first_reply_time_calendar_minutes is not null
        or unanswered_calendar_minutes is not null

    union all

    select
        'follow_up' as signal,
        case when days_to_follow_up <= 14 then 'followed_up' else 'not_followed_up' end as bucket,
        response_id as signal_id,
        ticket_id,
        customer_key,
        'all' as channel,
        business_date + 14 as signal_date
    from low_answers
    where is_follow_up_recorded
)

select * from final
