-- Grain: one row per customer and score date (as-of date and last 13 month ends) active on it
with

active_customers as (select * from {{ ref('int_health__scored_customers') }} where is_active),

health_weights as (select * from {{ ref('health_weights') }}),

usage as (select * from {{ ref('int_health__usage') }}),

feedback as (select * from {{ ref('int_health__feedback') }}),

support as (select * from {{ ref('int_health__support') }}),

commercial as (select * from {{ ref('int_health__commercial') }}),

relationship as (select * from {{ ref('int_health__relationship') }}),

settings as (select * from {{ ref('int_settings') }}),

component_scores as (
    select customer_key, score_date, 'usage' as component, score, reason from usage
    union all
    select customer_key, score_date, 'feedback' as component, score, reason from feedback
    union all
    select customer_key, score_date, 'support' as component, score, reason from support
    union all
    select customer_key, score_date, 'commercial' as component, score, reason from commercial
    union all
    select customer_key, score_date, 'relationship' as component, score, reason from relationship
),

-- The weight for the kind of customer goes before the default. A component without a score keeps
-- its weight, so that the coverage shows what is missing.
weighted_components as (
    select
        active_customers.customer_key,
        active_customers.score_date,
        default_weights.component,
        coalesce(own_weights.weight, default_weights.weight) as weight,
        component_scores.score,
        component_scores.reason
    from active_customers
    inner join health_weights as default_weights
        on default_weights.customer_kind = '*'
    left join health_weights as own_weights
        on own_weights.customer_kind = active_customers.customer_kind
        and own_weights.component = default_weights.component
    left join component_scores
        on component_scores.customer_key = active_customers.customer_key
        and component_scores.score_date = active_customers.score_date
        and component_scores.component = default_weights.component
),

-- Reasons are ordered by what a component takes off the score: a low score of a component with
-- hardly any weight is no reason.
ranked_components as (
    select
        *,
        row_number() over (
            partition by customer_key, score_date
            order by weight * (100 - score) desc nulls last, component
        ) as shortfall_rank,
        case when score < 100 and weight > 0
            then concat(component, ' ', cast(round(score) as bigint), ': ', reason)
        end as shortfall_reason
    from weighted_components
),

health_scores as (
    select
        customer_key,
        score_date,
        max(score) filter (where component = 'usage') as usage_score,
        max(score) filter (where component = 'feedback') as feedback_score,
        max(score) filter (where component = 'support') as support_score,
        max(score) filter (where component = 'commercial') as commercial_score,
        max(score) filter (where component = 'relationship') as relationship_score,
        sum(weight * score) / nullif(sum(weight) filter (where score is not null), 0)
            as health_score,
        {{ ratio('coalesce(sum(weight) filter (where score is not null), 0)', 'sum(weight)') }}
            as coverage_rate,
        max(shortfall_reason) filter (where shortfall_rank = 1) as main_reason,
        max(shortfall_reason) filter (where shortfall_rank = 2) as second_reason,
        max(shortfall_reason) filter (where shortfall_rank = 3) as third_reason,
        nullif(trim(concat(
            max(case when component = 'usage' and score is null
                then 'usage ' else '' end),
            max(case when component = 'feedback' and score is null
                then 'feedback ' else '' end),
            max(case when component = 'support' and score is null
                then 'support ' else '' end),
            max(case when component = 'commercial' and score is null
                then 'commercial ' else '' end),
            max(case when component = 'relationship' and score is null
                then 'relationship ' else '' end)
        )), '') as missing_components
    from ranked_components
    group by customer_key, score_date
),

final as (
    select
        active_customers.customer_key,
        active_customers.score_date,
        active_customers.is_as_of_date,
        active_customers.customer_kind,
        active_customers.activity_rule,
        health_scores.usage_score,
        health_scores.feedback_score,
        health_scores.support_score,
        health_scores.commercial_score,
        health_scores.relationship_score,
        cast(health_scores.health_score as decimal(7, 4)) as health_score,
        case
            when health_scores.health_score is null then 'no_score'
            when health_scores.health_score >= settings.health_healthy_from then 'healthy'
            when health_scores.health_score < settings.health_unhealthy_below then 'unhealthy'
            else 'watch'
        end as health_band,
        health_scores.coverage_rate,
        health_scores.missing_components,
        case when health_scores.health_score is null
            then 'nothing on record that a component with a weight could be scored by'
        end as no_score_reason,
        health_scores.main_reason,
        health_scores.second_reason,
        health_scores.third_reason,
        usage.use_90d_count,
        usage.use_prior_90d_count,
        feedback.feedback_scope,
        feedback.last_feedback_date,
        coalesce(support.ticket_180d_count, 0) as ticket_180d_count,
        coalesce(support.waiting_ticket_count, 0) as waiting_ticket_count,
        coalesce(support.repeat_contact_180d_count, 0) as repeat_contact_180d_count,
        support.ticket_answer_score,
        active_customers.mrr_amount,
        active_customers.highest_mrr_12m_amount,
        commercial.noticed_mrr_amount,
        commercial.days_since_sale,
        commercial.net_revenue_180d_amount,
        commercial.net_revenue_prior_180d_amount,
        relationship.contact_day_180d_count
    from active_customers
    inner join health_scores
        on health_scores.customer_key = active_customers.customer_key
        and health_scores.score_date = active_customers.score_date
    cross join settings
    left join usage
        on usage.customer_key = active_customers.customer_key
        and usage.score_date = active_customers.score_date
    left join feedback
        on feedback.customer_key = active_customers.customer_key
        and feedback.score_date = active_customers.score_date
    left join support
        on support.customer_key = active_customers.customer_key
        and support.score_date = active_customers.score_date
    left join commercial
        on commercial.customer_key = active_customers.customer_key
        and commercial.score_date = active_customers.score_date
    left join relationship
        on relationship.customer_key = active_customers.customer_key
        and relationship.score_date = active_customers.score_date
)

select * from final
