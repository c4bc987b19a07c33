-- Grain: one row per scored observation and scope, its place among those of the other outcome
with

observed as (select * from {{ ref('int_backtest__observed') }} where risk_order is not null),

outcomes as (
    select
        *,
        case when is_lost then 1 else 0 end as lost,
        case when is_lost then 0 else 1 end as kept
    from observed
),

-- A frame by range includes the ties.
counted as (
    select
        *,
        sum(lost) over whole as lost_count,
        sum(kept) over whole as kept_count,
        sum(lost) over up_to_here as lost_up_to_count,
        sum(kept) over up_to_here as kept_up_to_count,
        sum(lost) over ties as lost_equal_count,
        sum(kept) over ties as kept_equal_count
    from outcomes
    window
        whole as (partition by {{ backtest_keys() }}),
        ties as (partition by {{ backtest_keys() }}, risk_order),
        up_to_here as (
            partition by {{ backtest_keys() }} order by risk_order
            range between unbounded preceding and current row
        )
),

-- Ties at the edge of the tenth share the places that are left in it.
tenths as (
    select
        *,
        0.1 * (lost_count + kept_count)
            - (lost_count + kept_count - lost_up_to_count - kept_up_to_count) as place_count,
        lost_equal_count + kept_equal_count as tie_count
    from counted
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
        {{ placement_value() }} as placement,
        -- Share of the observation that is in the tenth with the highest risk.
        greatest(0, least(1, {{ ratio('place_count', 'tie_count') }})) as top_decile_weight
    from tenths
)

select * from final
