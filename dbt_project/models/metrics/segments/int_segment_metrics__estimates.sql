-- Grain: one row per segmentation, segment, period kind, closed period and metric
{%- set keys = ['segmentation', 'segment', 'period_kind', 'period_date'] %}
with

rated as (select * from {{ ref('int_segments__metrics') }}),

paired as (select * from {{ ref('int_segment_metrics__sums_of_squares') }}),

settings as (
    select {{ setting('simple_clv_horizon_months', 'int') }} as horizon_months
    from {{ ref('analyst_settings') }}
),

-- One customer whose figure is not known makes that of the segment unknown.
ratios as (
    {% for metric in ratio_metrics() %}
    select
        {{ keys | join(', ') }},
        '{{ metric }}' as metric_name,
        case when {{ metric }}_unknown = 0 then {{ ratio(metric ~ '_y', metric ~ '_x') }} end
            as value,
        {{ metric }}_n as unit_count,
        {{ metric }}_x as x,
        {{ metric }}_yy as yy,
        {{ metric }}_xy as xy,
        {{ metric }}_xx as xx,
        month_at_start_count,
        month_lost_count
    from paired
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

judged as (
    select
        *,
        {{ ratio_squared_error('unit_count', 'x', 'yy', 'xy', 'xx', 'value') }} as squared_error,
        case when month_at_start_count > 0 then least(
            coalesce({{ ratio('month_at_start_count', 'month_lost_count') }}, horizon_months),
            horizon_months
        ) end as lifetime_months
    from ratios
    cross join settings
),

final as (
    select {{ keys | join(', ') }}, metric_name, 'ratio_of_sums' as method, value, unit_count,
        squared_error, cast(null as double) as low, cast(null as double) as high
    from judged

    union all

    -- Margin per month × months of a life, the relative errors of both added as squares. Nobody
    -- lost is a life without a bound, and so without an error.
    select {{ keys | join(', ') }}, 'simple_clv' as metric_name, 'ratio_of_sums' as method,
        value * lifetime_months as value,
        unit_count,
        squared_error * power(lifetime_months, 2) + power(value * lifetime_months, 2)
            * ({{ ratio('1', 'month_lost_count') }} - {{ ratio('1', 'month_at_start_count') }})
            as squared_error,
        null as low, null as high
    from judged
    where metric_name = 'margin_per_active_month'

    union all

    {%- set nps_of = ['promoter_count', 'detractor_count', 'nps_answer_count'] %}
    select {{ keys | join(', ') }}, 'nps' as metric_name, 'nps' as method, nps as value,
        nps_answer_count as unit_count,
        null as squared_error,
        {{ nps_bound(*nps_of, side=-1) }} as low, {{ nps_bound(*nps_of, side=1) }} as high
    from rated

    {% for metric, hits, total in share_metrics() %}
    union all

    select {{ keys | join(', ') }}, '{{ metric }}' as metric_name, 'share' as method,
        {{ ratio(hits, total) }} as value, {{ total }} as unit_count,
        null as squared_error,
        {{ wilson_bound(hits, total, -1) }} as low, {{ wilson_bound(hits, total, 1) }} as high
    from rated
    {% endfor %}
)

select * from final
