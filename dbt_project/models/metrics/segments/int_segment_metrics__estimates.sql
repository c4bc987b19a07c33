-- Grain: one row per segmentation, segment, period kind, closed period and metric
{%- set keys = ['segmentation', 'segment', 'period_kind', 'period_date'] %}
with

segments as (select * from {{ ref('int_segments__metrics') }}),

sums as (select * from {{ ref('int_segment_metrics__sums_of_squares') }}),

settings as (select * from {{ ref('int_settings') }}),

-- One customer whose figure is not known makes that of the segment unknown.
ratios as (
    {% for metric in ratio_metrics() %}
    select
        {{ keys | join(', ') }},
        '{{ metric }}' as metric_name,
        case
            when {{ metric }}_unknown = 0
                then cast({{ metric }}_y as double) / nullif({{ metric }}_x, 0)
        end as value,
        {{ metric }}_n as unit_count,
        {{ metric }}_x as x,
        {{ metric }}_yy as yy,
        {{ metric }}_xy as xy,
        {{ metric }}_xx as xx,
        month_at_start_count,
        month_lost_count
    from sums
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

with_errors as (
    select
        ratios.*,
        {{ ratio_squared_error('unit_count', 'x', 'yy', 'xy', 'xx', 'value') }} as squared_error,
        case when ratios.month_at_start_count > 0 then least(
            coalesce(
                {{ ratio('ratios.month_at_start_count', 'ratios.month_lost_count') }},
                settings.simple_clv_horizon_months
            ),
            settings.simple_clv_horizon_months
        ) end as lifetime_months
    from ratios
    cross join settings
),

final as (
    select {{ keys | join(', ') }}, metric_name, 'ratio_of_sums' as method, value, unit_count,
        squared_error, cast(null as double) as low, cast(null as double) as high
    from with_errors

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
    from with_errors
    where metric_name = 'margin_per_active_month'

    union all

    {%- set nps_of = ['promoter_count', 'detractor_count', 'nps_answer_count'] %}
    select {{ keys | join(', ') }}, 'nps' as metric_name, 'nps' as method, nps as value,
        nps_answer_count as unit_count,
        null as squared_error,
        {{ nps_bound(*nps_of, side=-1) }} as low, {{ nps_bound(*nps_of, side=1) }} as high
    from segments

    {% for metric, hits, total in [
        ('churn_rate', 'lost_count', 'customers_at_start_count'),
        ('replied_ticket_rate', 'replied_ticket_count', 'ticket_count'),
        ('high_effort_ticket_rate', 'high_effort_ticket_count', 'handling_known_ticket_count'),
        ('csat_rate', 'csat_good_count', 'csat_answer_count'),
        ('ces_low_effort_rate', 'ces_low_effort_count', 'ces_answer_count'),
    ] %}
    union all

    select {{ keys | join(', ') }}, '{{ metric }}' as metric_name, 'share' as method,
        {{ metric }} as value, {{ total }} as unit_count,
        null as squared_error,
        {{ wilson_bound(hits, total, -1) }} as low, {{ wilson_bound(hits, total, 1) }} as high
    from segments
    {% endfor %}
)

select * from final
