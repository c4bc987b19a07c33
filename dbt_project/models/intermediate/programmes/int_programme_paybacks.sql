-- Grain: one row per programme, segmentation and segment: benefit and cost over its months
with

exposures as (select * from {{ ref('int_programme_exposures') }}),

gaps as (
    select
        programme_id,
        segmentation,
        segment,
        month_number,
        sum(gap_amount * customer_weight) as gap_amount,
        sum(case when gap_amount is not null then customer_weight end) as matched_weight,
        count(*) filter (where is_active) as active_month_count
    from {{ ref('int_programme_gaps__weighted') }}
    where design = 'effect' and event_month >= 0
    group by programme_id, segmentation, segment, month_number
),

joined as (
    select
        exposures.*,
        gaps.gap_amount,
        gaps.matched_weight,
        gaps.active_month_count
    from exposures
    left join gaps
        on gaps.programme_id = exposures.programme_id
        and gaps.segmentation = exposures.segmentation
        and gaps.segment = exposures.segment
        and gaps.month_number = exposures.month_number
),

-- What the matched gained stands for all treated, of kinds without any matched ones too.
scaled as (
    select
        *,
        {{ ratio(
            'sum(exposed_customer_count) over (partition by programme_id, segmentation, segment)',
            'sum(matched_weight) over (partition by programme_id, segmentation, segment)'
        ) }} as scale
    from joined
),

cumulated as (
    select
        *,
        sum(gap_amount * scale) over so_far as benefit_so_far,
        sum(cost_amount) over so_far as cost_so_far
    from scaled
    window so_far as (
        partition by programme_id, segmentation, segment
        order by month_number
    )
),

summed as (
    select
        programme_id,
        segmentation,
        segment,
        min(month_number - months_since_start) as start_number,
        max(month_number) as last_number,
        -- Before anything was spent there is nothing to be paid back.
        max(case
            when cost_so_far > 0 and benefit_so_far >= cost_so_far then null else month_number
        end) as last_uncovered_number,
        cast(sum(exposed_customer_count) as bigint) as treated_month_count,
        cast(coalesce(sum(active_month_count), 0) as bigint) as active_month_count,
        sum(exposed_customer_count * discount_factor) as discounted_month_count,
        count(*) - count(cost_amount) as unknown_cost_month_count,
        sum(cost_amount) as cost_amount,
        sum(cost_amount * discount_factor) as discounted_cost_amount
    from cumulated
    group by programme_id, segmentation, segment
),

-- Paid back for good: a benefit that falls behind the cost again had not paid it back.
paid_back as (
    select
        *,
        case
            when unknown_cost_month_count = 0
                and coalesce(last_uncovered_number < last_number, true)
                then coalesce(last_uncovered_number + 1, start_number)
        end as payback_number
    from summed
),

final as (
    select
        programme_id,
        segmentation,
        segment,
        treated_month_count,
        active_month_count,
        discounted_month_count,
        unknown_cost_month_count,
        case when unknown_cost_month_count = 0 then cost_amount end as cost_amount,
        case when unknown_cost_month_count = 0 then discounted_cost_amount end
            as discounted_cost_amount,
        payback_number - start_number as payback_months,
        payback_number
    from paid_back
)

select * from final
