-- Grain: one row per programme, segmentation and segment: benefit and cost over its months
with

exposures as (select * from {{ ref('int_programme_exposures') }}),

gaps as (
    select
        programme_id,
        segmentation,
        segment,
        month_number,
        {% for part in ['', 'retained_', 'support_', 'referred_'] %}
        sum({{ part }}gap_amount * kind_weight) as {{ part }}gap_amount,
        {% endfor %}
        sum(case when gap_amount is not null then kind_weight end) as matched_weight,
        count(*) filter (where is_active) as active_month_count
    from {{ ref('int_programme_gaps__weighted') }}
    where design = 'effect' and event_month >= 0
    group by 1, 2, 3, 4
),

joined as (
    select
        exposures.*,
        gaps.gap_amount,
        gaps.retained_gap_amount,
        gaps.support_gap_amount,
        gaps.referred_gap_amount,
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

final as (
    select
        programme_id,
        segmentation,
        segment,
        cast(sum(exposed_customer_count) as bigint) as treated_month_count,
        cast(coalesce(sum(active_month_count), 0) as bigint) as active_month_count,
        sum(exposed_customer_count * discount_factor) as discounted_month_count,
        sum(gap_amount * scale) as benefit_amount,
        sum(retained_gap_amount * scale) as retained_benefit_amount,
        sum(support_gap_amount * scale) as support_benefit_amount,
        sum(referred_gap_amount * scale) as referral_benefit_amount,
        sum(cost_amount) as cost_amount,
        sum(cost_amount * discount_factor) as discounted_cost_amount,
        min(case when benefit_so_far >= cost_so_far and cost_so_far > 0 then months_since_start end)
            as payback_months,
        min(case when benefit_so_far >= cost_so_far and cost_so_far > 0 then month_number end)
            as payback_number
    from cumulated
    group by 1, 2, 3
)

select * from final
