-- Grain: one row per design, programme, segmentation, entry month, customer compared and month
{{ config(materialized='view') }}
with

candidates as (select * from {{ ref('int_programme_candidates') }}),

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

-- The placebo asks the same of months before the matching window, where nothing had happened.
designs as (
    select 'effect' as design

    union all

    select 'placebo' as design
),

-- From nine months before entry until something else happens to the customer.
months as (
    select
        designs.design,
        candidates.*,
        outcomes.month_number,
        outcomes.month_number - candidates.entry_number as event_month,
        outcomes.outcome_amount,
        outcomes.previous_outcome_amount as month_before_amount,
        (case when outcomes.is_active then 0 else -1 end) * candidates.margin_level_amount
            as retained_change_amount,
        candidates.previous_support_amount - outcomes.support_amount as support_change_amount,
        outcomes.referred_amount - candidates.previous_referred_amount as referred_change_amount
    from candidates
    cross join designs
    inner join outcomes
        on outcomes.customer_key = candidates.customer_key
        and outcomes.month_number >= candidates.entry_number - 9
        and outcomes.month_number < candidates.until_number
    where candidates.is_matched
        and (
            designs.design = 'effect'
            or outcomes.month_number < candidates.entry_number - 3
        )
),

-- CUPED in lotteries: how much of the level before is still there after, within arms and cells.
centred as (
    select
        programme_id,
        segmentation,
        segment,
        outcome_amount - avg(outcome_amount) over arms as outcome_deviation,
        level_amount - avg(level_amount) over arms as level_deviation
    from months
    where is_randomised
        and design = 'effect'
        and event_month >= 0
        and level_amount is not null
    window arms as (
        partition by cell_number, month_number, is_treated
    )
),

slopes as (
    select
        programme_id,
        segmentation,
        segment,
        {{ ratio('sum(outcome_deviation * level_deviation)',
            'sum(level_deviation * level_deviation)') }} as persistence_rate
    from centred
    group by programme_id, segmentation, segment
),

final as (
    select
        months.design,
        months.programme_id,
        months.segmentation,
        months.segment,
        months.entry_number,
        months.month_number,
        months.event_month,
        months.customer_key,
        months.is_treated,
        months.cell_number,
        months.retained_change_amount,
        months.support_change_amount,
        months.referred_change_amount,
        case
            when months.event_month < 0 and months.design = 'effect'
                then months.outcome_amount - months.month_before_amount
            when months.is_randomised and months.design = 'effect' then months.outcome_amount
                - coalesce(slopes.persistence_rate * months.level_amount, 0)
            else months.outcome_amount - months.previous_outcome_amount
        end as change_amount
    from months
    left join slopes
        on slopes.programme_id = months.programme_id
        and slopes.segmentation = months.segmentation
        and slopes.segment = months.segment
)

select * from final
