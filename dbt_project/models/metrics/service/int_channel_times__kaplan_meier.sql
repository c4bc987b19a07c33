-- Grain: one row per channel and month of opening, Kaplan–Meier quantiles of what was waited for
with

surviving as (select * from {{ ref('int_channel_times__risk_sets') }}),

-- The quantile is where the share still waiting first falls to it; NULL where it never does.
final as (
    select
        channel,
        month_date
        {%- for measure in ['first_reply', 'full_resolution'] %}
        {%- for clock in ['calendar', 'business'] %}
        {%- set of = "measure = '" ~ measure ~ "' and clock = '" ~ clock ~ "'" %},
        coalesce(max(waiting_count) filter (where {{ of }}), 0)
            as {{ measure }}_{{ clock }}_count
        {%- for name, left in {'median': 0.5, 'p90': 0.1}.items() %},
        min(minutes) filter (where {{ of }} and waiting_share <= {{ left }})
            as {{ measure }}_{{ name }}_{{ clock }}_minutes
        {%- endfor %}
        {%- endfor %}
        {%- endfor %}
    from surviving
    group by 1, 2
)

select * from final
