-- Grain: one row per segmentation, segment, period kind, period, survey kind and scope
{%- set counts = [
    'unanswered_count', 'out_of_scale_count',
    'nps_answer_count', 'promoter_count', 'detractor_count',
    'csat_answer_count', 'csat_good_count', 'ces_answer_count', 'ces_low_effort_count',
    'nps_customer_count', 'promoter_customer_count', 'detractor_customer_count',
    'csat_customer_count', 'csat_good_customer_count', 'ces_customer_count',
    'ces_low_effort_customer_count',
    'sent_count', 'delivered_count', 'opened_count', 'started_count', 'completed_count',
] %}
with

answers as (select * from {{ ref('int_survey_responses__scored') }}),

latest_answers as (select * from {{ ref('int_satisfaction__latest_answers') }}),

invitations as (select * from {{ ref('int_survey_invitations__funnel') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

period_kinds as (
    select 'month' as period_kind
    union all
    select 'quarter' as period_kind
),

-- Counted are answers, customers by the latest answer of each, and surveys sent.
units as (
    select
        'answer' as unit,
        answers.customer_key,
        period_kinds.period_kind,
        cast(date_trunc(period_kinds.period_kind, answers.business_date) as date)
            as period_date,
        answers.survey_kind,
        answers.survey_scope,
        answers.nps_class,
        answers.is_csat_good,
        answers.is_low_effort,
        answers.score is null as is_unanswered,
        answers.score is not null and not answers.is_valid_score as is_out_of_scale,
        false as is_delivered,
        false as is_opened,
        false as is_started,
        false as is_completed
    from answers
    cross join period_kinds

    union all

    select
        'customer' as unit,
        customer_key,
        period_kind,
        period_date,
        survey_kind,
        survey_scope,
        nps_class,
        is_csat_good,
        is_low_effort,
        false as is_unanswered,
        false as is_out_of_scale,
        false as is_delivered,
        false as is_opened,
        false as is_started,
        false as is_completed
    from latest_answers

    union all

    select
        'survey sent' as unit,
        invitations.customer_key,
        period_kinds.period_kind,
        cast(date_trunc(period_kinds.period_kind, invitations.business_date) as date)
            as period_date,
        invitations.survey_kind,
        invitations.survey_scope,
        null as nps_class,
        null as is_csat_good,
        null as is_low_effort,
        false as is_unanswered,
        false as is_out_of_scale,
        invitations.is_delivered,
        invitations.is_opened,
        invitations.is_started,
        invitations.is_completed
    from invitations
    cross join period_kinds
),

-- Counted per customer first, so that the many segments multiply few rows.
customer_counts as (
    select
        customer_key,
        period_kind,
        period_date,
        survey_kind,
        coalesce(survey_scope, 'unknown') as survey_scope,
        count(*) filter (where is_unanswered) as unanswered_count,
        count(*) filter (where is_out_of_scale) as out_of_scale_count,
        {% for unit, all, part in [
            ('answer', 'answer_count', 'count'), ('customer', 'customer_count', 'customer_count'),
        ] %}
        count(*) filter (where unit = '{{ unit }}' and nps_class is not null)
            as nps_{{ all }},
        count(*) filter (where unit = '{{ unit }}' and nps_class = 'promoter')
            as promoter_{{ part }},
        count(*) filter (where unit = '{{ unit }}' and nps_class = 'detractor')
            as detractor_{{ part }},
        count(*) filter (where unit = '{{ unit }}' and is_csat_good is not null)
            as csat_{{ all }},
        count(*) filter (where unit = '{{ unit }}' and is_csat_good) as csat_good_{{ part }},
        count(*) filter (where unit = '{{ unit }}' and is_low_effort is not null)
            as ces_{{ all }},
        count(*) filter (where unit = '{{ unit }}' and is_low_effort)
            as ces_low_effort_{{ part }},
        {% endfor %}
        count(*) filter (where unit = 'survey sent') as sent_count,
        count(*) filter (where is_delivered) as delivered_count,
        count(*) filter (where is_opened) as opened_count,
        count(*) filter (where is_started) as started_count,
        count(*) filter (where is_completed) as completed_count
    from units
    group by 1, 2, 3, 4, 5
),

segment_counts as (
    select
        memberships.segmentation,
        memberships.segment,
        customer_counts.period_kind,
        customer_counts.period_date,
        customer_counts.survey_kind,
        customer_counts.survey_scope
        {%- for count in counts %},
        cast(sum(customer_counts.{{ count }}) as bigint) as {{ count }}
        {%- endfor %}
    from customer_counts
    inner join memberships
        on memberships.customer_key = customer_counts.customer_key
        and memberships.valid_from_date <= customer_counts.period_date
        and memberships.valid_to_date > customer_counts.period_date
    group by 1, 2, 3, 4, 5, 6
),

final as (
    select
        segment_counts.segmentation,
        segment_counts.segment,
        segment_counts.period_kind,
        segment_counts.period_date,
        segment_counts.survey_kind,
        segment_counts.survey_scope,
        case
            when segment_counts.period_kind = 'month'
                then last_day(segment_counts.period_date)
            else last_day(cast(segment_counts.period_date + interval 2 month as date))
        end <= run_parameters.as_of_date as is_closed_period,
        unanswered_count,
        out_of_scale_count,

        nps_answer_count,
        promoter_count,
        nps_answer_count - promoter_count - detractor_count as passive_count,
        detractor_count,
        {{ nps('promoter_count', 'detractor_count', 'nps_answer_count') }} as nps,
        {{ nps_standard_error(
            'promoter_count', 'detractor_count', 'nps_answer_count'
        ) }} as nps_standard_error,
        {{ nps_bound(
            'promoter_count', 'detractor_count', 'nps_answer_count', side=-1
        ) }} as nps_low,
        {{ nps_bound(
            'promoter_count', 'detractor_count', 'nps_answer_count', side=1
        ) }} as nps_high,
        csat_answer_count,
        csat_good_count,
        {{ ratio('csat_good_count', 'csat_answer_count') }} as csat_rate,
        {{ share_standard_error('csat_good_count', 'csat_answer_count') }}
            as csat_standard_error,
        {{ wilson_bound('csat_good_count', 'csat_answer_count', side=-1) }}
            as csat_rate_low,
        {{ wilson_bound('csat_good_count', 'csat_answer_count', side=1) }}
            as csat_rate_high,
        ces_answer_count,
        ces_low_effort_count,
        {{ ratio('ces_low_effort_count', 'ces_answer_count') }} as ces_low_effort_rate,
        {{ share_standard_error('ces_low_effort_count', 'ces_answer_count') }}
            as ces_low_effort_standard_error,
        {{ wilson_bound('ces_low_effort_count', 'ces_answer_count', side=-1) }}
            as ces_low_effort_rate_low,
        {{ wilson_bound('ces_low_effort_count', 'ces_answer_count', side=1) }}
            as ces_low_effort_rate_high,

        nps_customer_count,
        promoter_customer_count,
        nps_customer_count - promoter_customer_count - detractor_customer_count
            as passive_customer_count,
        detractor_customer_count,
        {{ nps('promoter_customer_count', 'detractor_customer_count', 'nps_customer_count') }}
            as customer_nps,
        {{ nps_standard_error(
            'promoter_customer_count', 'detractor_customer_count', 'nps_customer_count'
        ) }} as customer_nps_standard_error,
        {{ nps_bound(
            'promoter_customer_count', 'detractor_customer_count', 'nps_customer_count', side=-1
        ) }} as customer_nps_low,
        {{ nps_bound(
            'promoter_customer_count', 'detractor_customer_count', 'nps_customer_count', side=1
        ) }} as customer_nps_high,
        csat_customer_count,
        csat_good_customer_count,
        {{ ratio('csat_good_customer_count', 'csat_customer_count') }} as customer_csat_rate,
        {{ share_standard_error('csat_good_customer_count', 'csat_customer_count') }}
            as customer_csat_standard_error,
        {{ wilson_bound('csat_good_customer_count', 'csat_customer_count', side=-1) }}
            as customer_csat_rate_low,
        {{ wilson_bound('csat_good_customer_count', 'csat_customer_count', side=1) }}
            as customer_csat_rate_high,
        ces_customer_count,
        ces_low_effort_customer_count,
        {{ ratio('ces_low_effort_customer_count', 'ces_customer_count') }}
            as customer_ces_low_effort_rate,
        {{ share_standard_error('ces_low_effort_customer_count', 'ces_customer_count') }}
            as customer_ces_low_effort_standard_error,
        {{ wilson_bound('ces_low_effort_customer_count', 'ces_customer_count', side=-1) }}
            as customer_ces_low_effort_rate_low,
        {{ wilson_bound('ces_low_effort_customer_count', 'ces_customer_count', side=1) }}
            as customer_ces_low_effort_rate_high,

        sent_count,
        delivered_count,
        {{ ratio('delivered_count', 'sent_count') }} as delivered_rate,
        opened_count,
        {{ ratio('opened_count', 'delivered_count') }} as opened_rate,
        started_count,
        {{ ratio('started_count', 'opened_count') }} as started_rate,
        completed_count,
        {{ ratio('completed_count', 'started_count') }} as completed_rate,
        sent_count - completed_count as not_completed_count,
        {{ ratio('completed_count', 'sent_count') }} as response_rate
    from segment_counts
    cross join run_parameters
)

select * from final
