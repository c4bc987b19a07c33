-- Grain: one row per channel and month of opening, Kaplan–Meier quantiles of what was waited for
{{ config(materialized='view') }}
with

risk_sets as (select * from {{ ref('int_channel_times__risk_sets') }}),

-- The quantile is where the share still waiting first falls to it; NULL where it never does.
final as (
    select
        channel,
        month_date
        {%- for measure, clock in [
            ('first_reply', 'calendar'), ('first_reply', 'business'),
            ('full_resolution', 'calendar'), ('full_resolution', 'business'),
        ] %},
        coalesce(
            max(waiting_count) filter (where measure = '{{ measure }}' and clock = '{{ clock }}'), 0
        ) as {{ measure }}_{{ clock }}_count,
        min(minutes) filter (
            where measure = '{{ measure }}' and clock = '{{ clock }}' and waiting_share <= 0.5
        ) as {{ measure }}_median_{{ clock }}_minutes,
        min(minutes) filter (
            where measure = '{{ measure }}' and clock = '{{ clock }}' and waiting_share <= 0.1
        ) as {{ measure }}_p90_{{ clock }}_minutes
        {%- endfor %}
    from risk_sets
    group by 1, 2
)

select * from final
