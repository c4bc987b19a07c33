-- Grain: one row per programme, segmentation, segment and closed month since its start
with

exposures as (select * from {{ ref('int_programme_cost_benefit') }}),

gaps as (
    select
        programme_id,
        segmentation,
        segment,
        month_number,
        {{ exact_sum('gap_amount * customer_weight') }} as gap_amount,
        {{ exact_sum('case when gap_amount is not null then customer_weight end') }}
            as matched_weight,
        -- Months from the one before entry: a drift adds up that long.
        {{ exact_sum('case when gap_amount is not null'
            ~ ' then customer_weight * (months_since_entry + 1) end') }}
            as span_weight,
        count(gap_amount) as matched_customer_count,
        count(*) filter (where is_active) as active_customer_count
    from {{ ref('int_programme_did__weighted') }}
    where design = 'effect' and months_since_entry >= 0
    group by programme_id, segmentation, segment, month_number
),

joined as (
    select
        exposures.*,
        gaps.gap_amount,
        gaps.matched_weight,
        gaps.span_weight,
        coalesce(gaps.matched_customer_count, 0) as matched_customer_count,
        coalesce(gaps.active_customer_count, 0) as active_customer_count
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
            exact_sum('matched_weight', over='(partition by programme_id, segmentation, segment)')
        ) }} as scale
    from joined
),

benefits as (
    select
        *,
        case when exposed_customer_count = 0 then 0 else gap_amount * scale end as benefit_amount
    from scaled
),

cumulated as (
    select
        *,
        {{ money(settled('coalesce(' ~ exact_sum('benefit_amount', over='so_far') ~ ', 0)')) }}
            as benefit_to_date_amount,
        case
            when count(cost_amount) over so_far = count(*) over so_far
                then {{ money(settled(exact_sum('cost_amount', over='so_far'))) }}
        end as cost_to_date_amount,
        count(*) over whole - count(cost_amount) over whole as unknown_cost_month_count
    from benefits
    window
        so_far as (partition by programme_id, segmentation, segment order by month_number),
        whole as (partition by programme_id, segmentation, segment)
),

-- Before anything was spent there is nothing to be paid back.
covered as (
    select
        *,
        case
            when cost_to_date_amount > 0 and benefit_to_date_amount >= cost_to_date_amount
                then 1
            else 0
        end as is_covered
    from cumulated
),

-- Paid back for good: a benefit that falls behind the cost again had not paid it back.
final as (
    select
        programme_id,
        segmentation,
        segment,
        month_number,
        months_since_programme_start,
        exposed_customer_count,
        matched_customer_count,
        matched_weight,
        span_weight,
        active_customer_count,
        discount_factor,
        cost_amount,
        cost_to_date_amount,
        unknown_cost_month_count,
        benefit_amount,
        benefit_to_date_amount,
        case
            when unknown_cost_month_count = 0
                then min(is_covered) over (
                    partition by programme_id, segmentation, segment
                    order by month_number
                    rows between current row and unbounded following
                ) = 1
        end as is_paid_back
    from covered
)

select * from final
