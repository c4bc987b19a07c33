-- Grain: one row per scored observation and scope, its place among those of the other outcome
with

observed as (select * from {{ ref('int_backtest__observed') }} where risk_order is not null),

counted as (
    select
        *,
        case when is_lost then 1 else 0 end as lost,
        case when is_lost then 0 else 1 end as kept
    from observed
),

-- A frame by range holds the equals too.
ranked as (
    select
        *,
        sum(lost) over whole as lost_count,
        sum(kept) over whole as kept_count,
        sum(lost) over up_to_here as lost_up_to_count,
        sum(kept) over up_to_here as kept_up_to_count,
        sum(lost) over equals as lost_equal_count,
        sum(kept) over equals as kept_equal_count
    from counted
    window
        whole as (partition by {{ backtest_keys() }}),
        equals as (partition by {{ backtest_keys() }}, risk_order),
        up_to_here as (
            partition by {{ backtest_keys() }} order by risk_order
            range between unbounded preceding and current row
        )
),

final as (
    select
        score_kind,
        population,
        customer_kind,
        is_pooled,
        score_date,
        observed_date,
        customer_key,
        is_lost,
        health_band,
        score,
        risk_order,
        predicted_rate,
        lost_count,
        kept_count,
        -- Share of the other outcome that is on the right side of it, equals counted half.
        case
            when is_lost then {{ ratio('kept_up_to_count - kept_equal_count / 2.0', 'kept_count') }}
            else {{ ratio('lost_count - lost_up_to_count + lost_equal_count / 2.0',
                'lost_count') }}
        end as placement,
        -- In the tenth with the highest risk; equals at its edge share what room is left.
        greatest(0, least(1, {{ ratio(
            '0.1 * (lost_count + kept_count)'
            ~ ' - (lost_count + kept_count - lost_up_to_count - kept_up_to_count)',
            'lost_equal_count + kept_equal_count'
        ) }})) as top_decile_weight
    from ranked
)

select * from final
