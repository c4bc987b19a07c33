-- Grain: one row per programme, segmentation and segment with treated customers
with

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

memberships as (select * from {{ ref('int_programme_segments') }}),

pool as (
    select * from {{ ref('int_programme_pool') }}
    where is_treated
),

candidates as (
    select * from {{ ref('int_programme_candidates') }}
    where is_treated
),

gaps as (
    select distinct programme_id, segmentation, customer_key
    from {{ ref('int_programme_gaps') }}
    where design = 'effect' and event_month >= 0 and gap_amount is not null
),

treated as (
    select
        enrolments.programme_id,
        memberships.segmentation,
        memberships.segment,
        enrolments.is_randomised,
        enrolments.other_entry_number,
        case
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
    where enrolments.arm = 'treated'
),

final as (
    select
        programme_id,
        segmentation,
        segment,
        case when is_randomised then 'randomised' else 'matched' end as method,
        count(*) as treated_customer_count,
        count(other_entry_number) as overlapping_customer_count,
        count(*) filter (where match_status = 'matched') as matched_customer_count,
        count(*) filter (where match_status = 'in_another_programme')
            as in_another_programme_customer_count,
        count(*) filter (where match_status = 'no_pre_period') as no_pre_period_customer_count,
        count(*) filter (where match_status = 'no_similar_customers')
            as no_similar_customer_count,
        count(*) filter (where match_status = 'not_observed') as not_observed_customer_count
    from treated
    group by programme_id, segmentation, segment, is_randomised
)

select * from final
