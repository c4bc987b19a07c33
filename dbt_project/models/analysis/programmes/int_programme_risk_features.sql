-- Grain: one row per month of entry, customer and month: that one, and four to learn from
{{ config(materialized='view') }}
with

outcomes as (
    select * from {{ ref('int_programme_outcomes') }}
    where is_active_at_start
),

laters as (
    select customer_key, month_number, is_active_at_start
    from {{ ref('int_programme_outcomes') }}
),

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

kinds as (
    select * from {{ ref('int_programme_segments') }}
    where segmentation = 'customer_kind'
),

-- Months three apart, so that no loss is learnt from twice; by the month of entry all are over.
lags as (
    {% for months in [0, 3, 6, 9, 12] %}
    select {{ months }} as months_before
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

entries as (
    select distinct enrolments.entry_number, lags.months_before
    from enrolments
    cross join lags
    where enrolments.arm = 'treated' and not enrolments.is_randomised
),

final as (
    select
        entries.entry_number,
        outcomes.customer_key,
        outcomes.month_number,
        kinds.segment as customer_kind,
        case when entries.months_before > 0 then not laters.is_active_at_start end as is_lost,
        ln(1 + cast(greatest(outcomes.tenure_months, 0) as double)) as tenure,
        ln(1 + abs(outcomes.level_amount)) as level,
        {{ ratio('outcomes.trend_amount', 'abs(outcomes.level_amount) + 1') }} as trend,
        cast(outcomes.quiet_month_count as double) as quiet,
        ln(1 + outcomes.support_level_amount) as support,
        outcomes.answer_level_score as answer,
        case when outcomes.answer_level_score is null then 1.0 else 0.0 end as answer_missing
    from entries
    inner join outcomes
        on outcomes.month_number = entries.entry_number - entries.months_before
    inner join kinds
        on kinds.customer_key = outcomes.customer_key
        and kinds.from_number <= outcomes.month_number
        and kinds.to_number > outcomes.month_number
    left join laters
        on laters.customer_key = outcomes.customer_key
        and laters.month_number = outcomes.month_number + 3
)

select * from final
