-- Grain: one row per programme, segmentation and segment: its customers against the rest, unmatched
{{ config(materialized='view') }}
with

-- Of active customers on both sides: set beside who has left, anybody looks good.
outcomes as (
    select * from {{ ref('int_programme_outcomes') }}
    where is_active
),

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

exposures as (select * from {{ ref('int_programme_exposures') }}),

memberships as (
    select * from {{ ref('int_programme_segments') }}
    where is_published
),

treated as (
    select
        enrolments.programme_id,
        memberships.segmentation,
        memberships.segment,
        outcomes.month_number,
        count(outcomes.outcome_amount) as treated_count,
        {{ exact_sum('outcomes.outcome_amount') }} as treated_amount
    from enrolments
    inner join memberships
        on memberships.customer_key = enrolments.customer_key
        and memberships.from_number <= enrolments.entry_number
        and memberships.to_number > enrolments.entry_number
    inner join exposures
        on exposures.programme_id = enrolments.programme_id
        and exposures.entry_number = enrolments.entry_number
    inner join outcomes
        on outcomes.customer_key = enrolments.customer_key
        and outcomes.month_number >= enrolments.entry_number
        and outcomes.month_number <= exposures.last_number
    where enrolments.arm = 'treated'
    group by 1, 2, 3, 4
),

untreated as (
    select
        memberships.segmentation,
        memberships.segment,
        outcomes.month_number,
        {{ exact_mean('outcomes.outcome_amount') }} as mean_amount
    from outcomes
    inner join memberships
        on memberships.customer_key = outcomes.customer_key
        and memberships.from_number <= outcomes.month_number
        and memberships.to_number > outcomes.month_number
    left join (
        select distinct customer_key
        from enrolments
        where treated_number is not null
    ) as ever_treated
        on ever_treated.customer_key = outcomes.customer_key
    where ever_treated.customer_key is null
    group by 1, 2, 3
),

final as (
    select
        treated.programme_id,
        treated.segmentation,
        treated.segment,
        {{ ratio(
            exact_sum('treated.treated_amount - treated.treated_count * untreated.mean_amount'),
            'sum(treated.treated_count)'
        ) }} as naive_difference_amount
    from treated
    inner join untreated
        on untreated.segmentation = treated.segmentation
        and untreated.segment = treated.segment
        and untreated.month_number = treated.month_number
    group by 1, 2, 3
)

select * from final
