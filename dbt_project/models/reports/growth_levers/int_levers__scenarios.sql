-- Grain: one row per lever, the customer-months it would gain in twelve months
{%- set ends = ['', '_low', '_high'] %}
with

base as (select * from {{ ref('int_levers__baseline') }}),

steps as (select * from {{ ref('int_levers__experience_shift') }}),

changes as (
    select 'retention_5_percent_up' as lever
    union all
    select 'monthly_churn_1_point_down' as lever
),

-- The share lost a month, before and after. Low retention is high loss.
changed as (
    select
        changes.lever,
        base.*
        {%- for end, opposite in [('', ''), ('_low', '_high'), ('_high', '_low')] %},
        case when changes.lever = 'retention_5_percent_up'
            then 1 - power(base.retention_rate{{ opposite }}, 1.0 / 12)
            else base.monthly_churn_rate{{ end }} end as loss_rate{{ end }},
        case when changes.lever = 'retention_5_percent_up'
            then 1 - power(least(1.0, 1.05 * base.retention_rate{{ opposite }}), 1.0 / 12)
            else greatest(0.0, base.monthly_churn_rate{{ end }} - 0.01) end
            as changed_loss_rate{{ end }}
        {%- endfor %}
    from changes
    cross join base
),

retention as (
    select
        *
        {%- for end in ends %},
        round(active_customer_count * (
            {{ months_served('changed_loss_rate' ~ end, 12) }}
            - {{ months_served('loss_rate' ~ end, 12) }}
        ), 8) as months_gained{{ end }}
        {%- endfor %}
    from changed
),

final as (
    select
        lever,
        cast(null as {{ dbt.type_string() }}) as signal,
        cast(null as {{ dbt.type_string() }}) as from_bucket,
        cast(null as {{ dbt.type_string() }}) as to_bucket,
        case when lever = 'retention_5_percent_up' then retention_rate else loss_rate end
            as baseline_value,
        case when lever = 'retention_5_percent_up'
            then {{ settled('least(1.0, 1.05 * retention_rate)') }}
            else changed_loss_rate end as changed_value,
        cast(case when lever = 'retention_5_percent_up' and retention_customer_count > 0
            then retention_customer_count else active_month_count end as bigint) as n,
        cast(null as bigint) as from_active_count,
        cast(null as bigint) as to_active_count,
        cast(active_customer_count as double) as moved_customer_count,
        cast(12 as double) as months_counted,
        cast(null as double) as churn_rate,
        cast(null as double) as churn_rate_low,
        cast(null as double) as churn_rate_high,
        cast(null as double) as risk_ratio,
        cast(null as double) as risk_ratio_low,
        cast(null as double) as risk_ratio_high,
        active_customer_count * (power(1 - changed_loss_rate, 12) - power(1 - loss_rate, 12))
            as kept_customer_count,
        months_gained,
        months_gained_low as gained_at_low_churn,
        months_gained_high as gained_at_high_churn,
        months_gained as gained_at_low_ratio,
        months_gained as gained_at_high_ratio,
        cast(null as {{ dbt.type_string() }}) as ratio_not_known_reason,
        cast(null as double) as support_saved,
        cast(null as double) as support_saved_half_width
    from retention

    union all

    select
        case
            when signal = 'nps' then 'nps_10_points_up'
            when signal = 'ces' then 'low_effort_share_10_points_up'
            when signal = 'contact_effort' then 'low_contact_effort_share_10_points_up'
            else concat('first_reply_faster_than_', from_bucket)
        end as lever,
        signal,
        from_bucket,
        to_bucket,
        baseline_value,
        changed_value,
        customer_count as n,
        from_active_count,
        to_active_count,
        moved_customer_count,
        months_counted,
        churn_rate,
        churn_rate_low,
        churn_rate_high,
        risk_ratio,
        risk_ratio_low,
        risk_ratio_high,
        moved_customer_count * churn_rate * (1 - risk_ratio) as kept_customer_count,
        {% for churn, ratio in [
            ('', ''), ('_low', ''), ('_high', ''), ('', '_low'), ('', '_high'),
        ] -%}
        round(moved_customer_count * months_counted * churn_rate{{ churn }}
            * (1 - risk_ratio{{ ratio }}), 8)
            {{- ' as gained_at' ~ churn ~ '_churn' if churn }}
            {{- ' as gained_at' ~ ratio ~ '_ratio' if ratio }}
            {{- ' as months_gained' if not churn and not ratio }},
        {% endfor -%}
        ratio_not_known_reason,
        support_saved, support_saved_half_width
    from steps
)

select * from final
