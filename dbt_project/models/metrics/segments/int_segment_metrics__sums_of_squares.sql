-- Grain: one row per segmentation, segment, period kind and closed period
with

paired as (select * from {{ ref('int_customer_periods__ratio_terms') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

-- Sums from which a ratio of sums and its standard error follow.
final as (
    select
        memberships.segmentation,
        memberships.segment,
        paired.period_kind,
        paired.period_date,
        cast(sum(paired.month_at_start_count) as bigint) as month_at_start_count,
        cast(sum(paired.month_lost_count) as bigint) as month_lost_count
        {%- for metric in ratio_metrics() %}
        {%- set y, x = 'paired.' ~ metric ~ '_y', 'paired.' ~ metric ~ '_x' %},
        count(*) filter (where {{ y }} <> 0 or {{ x }} <> 0) as {{ metric }}_n,
        count(*) filter (where {{ y }} is null) as {{ metric }}_unknown,
        {%- for sum in ['y', 'x', 'yy', 'xy', 'xx'] %}
        cast(sum(paired.{{ metric }}_{{ sum }}) as double) as {{ metric }}_{{ sum }}
        {{- ',' if not loop.last }}
        {%- endfor %}
        {%- endfor %}
    from paired
    inner join memberships
        on memberships.customer_key = paired.customer_key
        and memberships.valid_from_date <= paired.period_date
        and memberships.valid_to_date > paired.period_date
    group by
        memberships.segmentation, memberships.segment, paired.period_kind, paired.period_date
)

select * from final
