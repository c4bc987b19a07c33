-- Grain: one row per published claim measured by returns
{{ config(materialized='view') }}
with

returns as (select * from {{ ref('fct_customer_roi') }}),

members as (select * from {{ ref('fct_programme_members') }}),

programmes as (select * from {{ ref('fct_programme_roi') }}),

levers as (select * from {{ ref('rpt_growth_levers') }}),

return_means as (
    select
        latest_nps_class,
        count(*) as n,
        case when count(*) = count(return_12m_amount)
            then round({{ exact_mean('return_12m_amount') }}, 8) end as mean,
        round({{ exact_variance('cast(return_12m_amount as double)') }} / count(*), 8)
            as squared_error
    from returns
    where latest_nps_class in ('promoter', 'detractor')
    group by 1
),

return_ratios as (
    select
        promoters.n + detractors.n as n,
        promoters.mean as promoter_return,
        detractors.mean as detractor_return,
        {{ ratio_of_means('promoters.mean', 'detractors.mean') }} as return_ratio,
        {{ log_ratio_error(
            'promoters.mean', 'promoters.squared_error',
            'detractors.mean', 'detractors.squared_error'
        ) }} as log_error
    from return_means as promoters
    inner join return_means as detractors
        on detractors.latest_nps_class = 'detractor'
    where promoters.latest_nps_class = 'promoter'
),

members_asked as (
    select
        cast(coalesce(sum(nps_answer_count), 0) as bigint) as n,
        cast(coalesce(sum(promoter_count), 0) as bigint) as hits
    from members
    where member_group = 'member'
        and assignment = 'self_selected'
),

-- Programmes share the customers they are compared with, so their errors are correlated: their
-- half-widths are added as they are, the most any correlation makes of them. A programme whose
-- figure was refuted, could not be tested, or has too few customers is left out with its cost.
programme_sums as (
    select
        cast(coalesce(sum(matched_customer_count), 0) as bigint) as n,
        {{ ratio('sum(benefit_amount)', 'sum(cost_amount)') }} as return_per_unit,
        {{ ratio('sum(benefit_high_amount - benefit_low_amount) / 2', 'sum(cost_amount)') }}
            as half_width
    from programmes
    where segmentation = 'all'
        and benefit_low_amount is not null
        and cost_amount > 0
        and verdict_reason in (
            'benefit_above_cost', 'benefit_above_cost_as_far_as_seen', 'benefit_below_cost',
            'second_estimate_below_cost', 'second_estimate_above_cost', 'roi_not_significant',
            'not_significant_after_correction'
        )
),

final as (
    select
        'good_returns_a_multiple_of_poor' as claim_id,
        n,
        round(return_ratio, 10) as own_figure,
        round({{ log_bound('return_ratio', 'log_error', -1) }}, 10) as own_low,
        round({{ log_bound('return_ratio', 'log_error', 1) }}, 10) as own_high,
        round(promoter_return, 10) as own_first_figure,
        round(detractor_return, 10) as own_second_figure,
        true as is_association
    from return_ratios

    union all

    select
        'members_recommend' as claim_id,
        n,
        {{ claimed_share('hits', 'n') }},
        true as is_association
    from members_asked

    union all

    select
        'three_back_for_one' as claim_id,
        n,
        round(return_per_unit, 10) as own_figure,
        round(return_per_unit - half_width, 10) as own_low,
        round(return_per_unit + half_width, 10) as own_high,
        cast(null as double) as own_first_figure,
        cast(null as double) as own_second_figure,
        false as is_association
    from programme_sums

    union all

    select
        'five_percent_retention_lifts_profit' as claim_id,
        unit_count as n,
        effect_rate as own_figure,
        effect_rate_low as own_low,
        effect_rate_high as own_high,
        cast(null as double) as own_first_figure,
        cast(null as double) as own_second_figure,
        is_association
    from levers
    where lever = 'retention_5_percent_up'
)

select * from final
