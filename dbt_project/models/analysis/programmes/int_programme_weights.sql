-- Grain: one row per programme, segmentation, segment and kind of customer with matched ones
{{ config(materialized='view') }}
with

gaps as (
    select * from {{ ref('int_programme_did') }}
    where design = 'effect' and months_since_entry >= 0 and gap_amount is not null
),

enrolments as (
    select * from {{ ref('int_programme_enrolments__by_customer') }}
    where arm = 'treated'
),

memberships as (select * from {{ ref('int_programme_segments') }}),

exposures as (select * from {{ ref('int_programme_exposures') }}),

last_months as (
    select max(month_number) as month_number
    from {{ ref('int_programme_outcomes') }}
),

treated as (
    select
        enrolments.programme_id,
        memberships.segmentation,
        memberships.segment,
        memberships.customer_kind,
        sum(
            least(last_months.month_number, exposures.last_number) - enrolments.entry_number + 1
        ) as treated_months
    from enrolments
    inner join memberships
        on memberships.customer_key = enrolments.customer_key
        and memberships.is_published
        and memberships.from_number <= enrolments.entry_number
        and memberships.to_number > enrolments.entry_number
    inner join exposures
        on exposures.programme_id = enrolments.programme_id
        and exposures.entry_number = enrolments.entry_number
        and exposures.last_number >= enrolments.entry_number
    inner join last_months
        on last_months.month_number >= enrolments.entry_number
    where not enrolments.is_randomised
    group by
        enrolments.programme_id,
        memberships.segmentation,
        memberships.segment,
        memberships.customer_kind
),

matched as (
    select
        programme_id,
        segmentation,
        segment,
        customer_kind,
        {{ exact_sum('treated_weight') }} as matched_months
    from gaps
    group by programme_id, segmentation, segment, customer_kind
),

-- Those of a kind who could be compared stand for those of the kind who could not. An experiment
-- compares whole arms.
final as (
    select
        matched.programme_id,
        matched.segmentation,
        matched.segment,
        matched.customer_kind,
        coalesce({{ ratio('treated.treated_months', 'matched.matched_months') }}, 1) as kind_weight
    from matched
    left join treated
        on treated.programme_id = matched.programme_id
        and treated.segmentation = matched.segmentation
        and treated.segment = matched.segment
        and treated.customer_kind = matched.customer_kind
)

select * from final
