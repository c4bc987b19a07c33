-- Grain: one row per segmentation, segment, period kind, period, survey kind and scope
{%- set funnel = {
    'delivered': 'sent', 'opened': 'delivered', 'started': 'opened', 'completed': 'started',
} %}
{#- What counts: every answer, or of each customer the one that speaks for them. Ending of the
    denominator, ending of a part of it, prefix of the figures. -#}
{%- set levels = [
    ('answer_count', 'count', ''), ('customer_count', 'customer_count', 'customer_'),
] %}
with

counted as (select * from {{ ref('int_segment_satisfaction__counts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

final as (
    select
        counted.segmentation,
        counted.segment,
        counted.period_kind,
        counted.period_date,
        counted.survey_kind,
        counted.survey_scope,
        case
            when counted.period_kind = 'month' then last_day(counted.period_date)
            else last_day(cast(counted.period_date + interval 2 month as date))
        end <= run_parameters.as_of_date as is_closed_period,
        counted.unanswered_count,
        counted.out_of_scale_count
        {%- for total, part, prefix in levels %}
        {%- set nps_of = ['promoter_' ~ part, 'detractor_' ~ part, 'nps_' ~ total] %},
        nps_{{ total }},
        promoter_{{ part }},
        nps_{{ total }} - promoter_{{ part }} - detractor_{{ part }} as passive_{{ part }},
        detractor_{{ part }},
        {{ nps(*nps_of) }} as {{ prefix }}nps,
        {{ nps_standard_error(*nps_of) }} as {{ prefix }}nps_standard_error,
        {{ nps_bound(*nps_of, side=-1) }} as {{ prefix }}nps_low,
        {{ nps_bound(*nps_of, side=1) }} as {{ prefix }}nps_high
        {%- for kind, good in {'csat': 'csat_good', 'ces': 'ces_low_effort'}.items() %}
        {%- set of = [good ~ '_' ~ part, kind ~ '_' ~ total] %}
        {%- set figure = prefix ~ ('csat' if kind == 'csat' else good) %},
        {{ of[1] }},
        {{ of[0] }},
        {{ ratio(*of) }} as {{ figure }}_rate,
        {{ share_standard_error(*of) }} as {{ figure }}_standard_error,
        {{ wilson_bound(*of, side=-1) }} as {{ figure }}_rate_low,
        {{ wilson_bound(*of, side=1) }} as {{ figure }}_rate_high
        {%- endfor %}
        {%- endfor %},
        counted.sent_count,
        {%- for step, before in funnel.items() %}
        counted.{{ step }}_count,
        {{ ratio('counted.' ~ step ~ '_count', 'counted.' ~ before ~ '_count') }}
            as {{ step }}_rate,
        {%- endfor %}
        counted.sent_count - counted.completed_count as not_completed_count,
        {{ ratio('counted.completed_count', 'counted.sent_count') }} as response_rate
    from counted
    cross join run_parameters
)

select * from final
