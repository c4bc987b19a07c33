-- Grain: one row per programme, segmentation and segment with treated customers
{{ config(materialized='view') }}
{%- set reasons = {
    'in_another_programme': 'in_another_programme', 'no_pre_period': 'no_pre_period',
    'no_similar_customers': 'no_similar', 'not_observed': 'not_observed',
} %}
with

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

programmes as (select * from {{ ref('stg_crm__programmes') }}),

memberships as (select * from {{ ref('int_programme_segments') }}),

pool as (
    select * from {{ ref('int_programme_eligible') }}
    where is_treated
),

candidates as (
    select * from {{ ref('int_programme_matched_sample') }}
    where is_treated
),

gaps as (
    select
        programme_id,
        segmentation,
        customer_key,
        max(case when has_referred then 1 else 0 end) as has_referred
    from {{ ref('int_programme_did') }}
    where design = 'effect' and months_since_entry >= 0 and gap_amount is not null
    group by programme_id, segmentation, customer_key
),

enrolled as (
    select
        enrolments.programme_id,
        memberships.segmentation,
        memberships.segment,
        enrolments.is_randomised,
        enrolments.arm = 'treated' as is_treated,
        enrolments.is_crossover,
        enrolments.other_entry_number,
        gaps.has_referred,
        case
            when enrolments.arm = 'control' then null
            when gaps.customer_key is not null then 'matched'
            when pool.customer_key is null then 'not_observed'
            when pool.comparability <> 'comparable' then pool.comparability
            when not candidates.is_matched then 'no_similar_customers'
            else 'not_observed'
        end as match_status
    from enrolments
    inner join memberships
        on memberships.customer_key = enrolments.customer_key
        and memberships.is_published
        and memberships.from_number <= enrolments.entry_number
        and memberships.to_number > enrolments.entry_number
    left join pool
        on pool.programme_id = enrolments.programme_id
        and pool.customer_key = enrolments.customer_key
    left join candidates
        on candidates.programme_id = enrolments.programme_id
        and candidates.segmentation = memberships.segmentation
        and candidates.customer_key = enrolments.customer_key
    left join gaps
        on gaps.programme_id = enrolments.programme_id
        and gaps.segmentation = memberships.segmentation
        and gaps.customer_key = enrolments.customer_key
),

counted as (
    select
        programme_id,
        segmentation,
        segment,
        case when is_randomised then 'randomised' else 'matched' end as method,
        count(*) as enrolled_customer_count,
        count(*) filter (where is_treated) as treated_customer_count,
        count(other_entry_number) filter (where is_treated) as overlapping_customer_count,
        count(*) filter (where is_crossover) as crossover_customer_count,
        coalesce(cast(sum(has_referred) as bigint), 0) as referring_customer_count,
        count(*) filter (where match_status = 'matched') as matched_customer_count,
        {% for status, name in reasons.items() %}
        count(*) filter (where match_status = '{{ status }}') as {{ name }}_customer_count
            {{- ',' if not loop.last }}
        {% endfor %}
    from enrolled
    group by programme_id, segmentation, segment, is_randomised
    having count(*) filter (where is_treated) > 0
),

-- Of the whole programme, since the share was planned for it; units as they were drawn.
arms as (
    select
        enrolments.programme_id,
        cast(max(programmes.planned_treated_share) as double) as planned_share,
        count(distinct enrolments.unit_key) as unit_count,
        count(distinct enrolments.unit_key) filter (where enrolments.arm = 'treated')
            as treated_count
    from enrolments
    inner join programmes
        on programmes.programme_id = enrolments.programme_id
    where enrolments.is_randomised
    group by enrolments.programme_id
),

-- The normal of a count needs eight to be expected in either arm.
ratios as (
    select
        programme_id,
        case when unit_count * least(planned_share, 1 - planned_share) >= 8
            then (treated_count - unit_count * planned_share)
                / sqrt(unit_count * planned_share * (1 - planned_share))
        end as ratio_z
    from arms
),

final as (
    select
        counted.*,
        {{ settled(two_sided_p_value('ratios.ratio_z')) }} as sample_ratio_p_value
    from counted
    left join ratios
        on ratios.programme_id = counted.programme_id
)

select * from final
