-- Grain: one row per segmentation, segment, period kind, period, survey kind and scope
{%- set funnel = {
    'delivered': 'sent', 'opened': 'delivered', 'started': 'opened', 'completed': 'started',
} %}
{#- What counts: every answer, or of each customer the one that speaks for them. -#}
{%- set levels = {'answer': '', 'customer': 'customer_'} %}
with

counted as (select * from {{ ref('int_segment_satisfaction__counts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

final as (
    select
        counted.segmentation,
        counted.segment,
        counted.period_kind,
        counted.period_start_date,
        counted.survey_kind,
        counted.survey_scope,
        case
            when counted.period_kind = 'month' then last_day(counted.period_start_date)
            else last_day(cast(counted.period_start_date + interval 2 month as date))
        end <= run_parameters.as_of_date as is_closed_period,
        counted.unanswered_count,
        counted.out_of_scale_count
        {%- for level, prefix in levels.items() %}
        {%- set nps_of = [
            'promoter_' ~ level ~ '_count', 'detractor_' ~ level ~ '_count',
            'nps_' ~ level ~ '_count',
        ] %},
        nps_{{ level }}_count,
        promoter_{{ level }}_count,
        nps_{{ level }}_count - promoter_{{ level }}_count - detractor_{{ level }}_count
            as passive_{{ level }}_count,
        detractor_{{ level }}_count,
        {{ nps(*nps_of) }} as {{ prefix }}nps,
        {{ nps_standard_error(*nps_of) }} as {{ prefix }}nps_standard_error,
        {{ nps_bound(*nps_of, side=-1) }} as {{ prefix }}nps_low,
        {{ nps_bound(*nps_of, side=1) }} as {{ prefix }}nps_high
        {%- for kind, good in {'csat': 'csat_good', 'ces': 'low_effort'}.items() %}
        {%- set of = [good ~ '_' ~ level ~ '_count', kind ~ '_' ~ level ~ '_count'] %}
        {%- set rate = prefix ~ ('csat' if kind == 'csat' else 'low_effort') %},
        {{ of[1] }},
        {{ of[0] }},
        {{ ratio(*of) }} as {{ rate }}_rate,
        {{ share_standard_error(*of) }} as {{ rate }}_standard_error,
        {{ wilson_bound(*of, side=-1) }} as {{ rate }}_rate_low,
        {{ wilson_bound(*of, side=1) }} as {{ rate }}_rate_high
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
