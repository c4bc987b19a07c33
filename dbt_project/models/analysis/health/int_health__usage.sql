-- Grain: one row per customer and score date, how much the product is used
with

subjects as (select * from {{ ref('int_health__scored_customers') }}),

interactions as (select * from {{ ref('fct_interactions') }}),

uses as (
    select
        customer_key,
        business_date,
        sum(quantity) as use_count,
        min(min(business_date)) over (partition by customer_key) as first_use_date
    from interactions
    where interaction_kind = 'product_use'
    group by customer_key, business_date
),

counted as (
    select
        subjects.customer_key,
        subjects.score_date,
        subjects.customer_kind,
        subjects.activity_rule,
        subjects.is_ranked,
        min(uses.first_use_date) as first_use_date,
        coalesce(sum(uses.use_count) filter (
            where uses.business_date > subjects.score_date - 90
        ), 0) as use_90d_count,
        coalesce(sum(uses.use_count) filter (
            where uses.business_date <= subjects.score_date - 90
                and uses.business_date > subjects.score_date - 180
        ), 0) as use_prior_90d_count
    from subjects
    left join uses
        on uses.customer_key = subjects.customer_key
        and uses.business_date <= subjects.score_date
    group by
        subjects.customer_key,
        subjects.score_date,
        subjects.customer_kind,
        subjects.activity_rule,
        subjects.is_ranked
),

-- Who never used what most of its like do use is at the bottom; where most do not, use is simply
-- not recorded.
tracked as (
    select
        *,
        first_use_date is not null
            or avg(case when first_use_date is null then 0.0 else 1.0 end) over (
                partition by score_date, customer_kind, activity_rule, is_ranked
            ) >= 0.5 as is_tracked
    from counted
),

scored as (
    select
        *,
        -- Who gave no sign of life in a year is below everybody who is ranked.
        case
            when is_tracked and not is_ranked then 0
            when is_tracked then {{ rank_score('use_90d_count',
                'score_date, customer_kind, activity_rule, is_tracked, is_ranked') }}
        end as level_score,
        -- Only a customer that could have used it throughout both halves can have used it less.
        case
            when first_use_date <= score_date - 180 and use_90d_count + use_prior_90d_count = 0
                then 0
            when first_use_date <= score_date - 180
                then {{ kept_score('use_90d_count', 'use_prior_90d_count') }}
        end as kept_score
    from tracked
),

final as (
    select
        customer_key,
        score_date,
        first_use_date,
        cast(use_90d_count as decimal(18, 4)) as use_90d_count,
        cast(use_prior_90d_count as decimal(18, 4)) as use_prior_90d_count,
        cast({{ mean_of_known(['level_score', 'kept_score']) }} as decimal(7, 4)) as score,
        -- A rise is no reason: the 90 days before are named where there is less than then.
        case
            when first_use_date is null then 'never used the product'
            else concat(
                'product used ', cast(round(use_90d_count) as bigint), ' times in 90 days, ',
                case when use_90d_count < use_prior_90d_count or kept_score < 100 then concat(
                    cast(round(use_prior_90d_count) as bigint), ' in the 90 before, '
                ) else '' end,
                case when is_ranked then concat(
                    'rank ', cast(round(level_score) as bigint), ' of 100 among the like'
                ) else 'no sign of life in a year' end
            )
        end as reason
    from scored
)

select * from final
