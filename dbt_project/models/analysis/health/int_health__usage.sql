-- Grain: one row per customer and score date, how much the product is used
with

scored_customers as (select * from {{ ref('int_health__scored_customers') }}),

interactions as (select * from {{ ref('fct_interactions') }}),

use_days as (
    select
        customer_key,
        business_date,
        sum(quantity) as use_count,
        min(min(business_date)) over (partition by customer_key) as first_use_date
    from interactions
    where interaction_kind = 'product_use'
    group by customer_key, business_date
),

use_counts as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        scored_customers.customer_kind,
        scored_customers.activity_rule,
        scored_customers.is_ranked,
        min(use_days.first_use_date) as first_use_date,
        coalesce(sum(use_days.use_count) filter (
            where use_days.business_date > scored_customers.score_date - 90
        ), 0) as use_90d_count,
        coalesce(sum(use_days.use_count) filter (
            where use_days.business_date <= scored_customers.score_date - 90
                and use_days.business_date > scored_customers.score_date - 180
        ), 0) as use_prior_90d_count
    from scored_customers
    left join use_days
        on use_days.customer_key = scored_customers.customer_key
        and use_days.business_date <= scored_customers.score_date
    group by
        scored_customers.customer_key,
        scored_customers.score_date,
        scored_customers.customer_kind,
        scored_customers.activity_rule,
        scored_customers.is_ranked
),

-- A customer without any use scores lowest where most of the group have some; where most have
-- none, use is not recorded.
with_tracking as (
    select
        *,
        first_use_date is not null
            or avg(case when first_use_date is null then 0.0 else 1.0 end) over (
                partition by score_date, customer_kind, activity_rule, is_ranked
            ) >= 0.5 as is_tracked
    from use_counts
),

part_scores as (
    select
        *,
        -- Without activity for a year a customer is below everybody who is ranked.
        case
            when is_tracked and not is_ranked then 0
            when is_tracked then {{ rank_score('use_90d_count',
                'score_date, customer_kind, activity_rule, is_tracked, is_ranked') }}
        end as level_score,
        -- Use can have fallen only for a customer who had the product in both periods.
        case
            when first_use_date <= score_date - 180 and use_90d_count + use_prior_90d_count = 0
                then 0
            when first_use_date <= score_date - 180
                then {{ retained_score('use_90d_count', 'use_prior_90d_count') }}
        end as retained_score
    from with_tracking
),

final as (
    select
        customer_key,
        score_date,
        first_use_date,
        cast(use_90d_count as decimal(18, 4)) as use_90d_count,
        cast(use_prior_90d_count as decimal(18, 4)) as use_prior_90d_count,
        cast({{ mean_of_known(['level_score', 'retained_score']) }} as decimal(7, 4)) as score,
        -- The 90 days before are named only where use has fallen: a rise is no reason.
        case
            when first_use_date is null then 'never used the product'
            else concat(
                'product used ', cast(round(use_90d_count) as bigint), ' times in 90 days, ',
                case when use_90d_count < use_prior_90d_count or retained_score < 100 then concat(
                    cast(round(use_prior_90d_count) as bigint), ' in the 90 before, '
                ) else '' end,
                case when is_ranked then concat(
                    'rank ', cast(round(level_score) as bigint), ' of 100 among the like'
                ) else 'no sign of life in a year' end
            )
        end as reason
    from part_scores
)

select * from final
