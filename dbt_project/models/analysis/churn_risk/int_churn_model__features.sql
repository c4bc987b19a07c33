-- Grain: one row per customer and score date: features of the churn-risk model
{{ config(materialized='view') }}
with

scored_customers as (select * from {{ ref('int_health__scored_customers') }}),

usage as (select * from {{ ref('int_health__usage') }}),

feedback as (select * from {{ ref('int_health__feedback') }}),

support as (select * from {{ ref('int_health__support') }}),

commercial as (select * from {{ ref('int_health__commercial') }}),

relationship as (select * from {{ ref('int_health__relationship') }}),

final as (
    select
        scored_customers.customer_key,
        scored_customers.score_date,
        scored_customers.customer_kind,
        scored_customers.is_active,
        cast(usage.score as double) as usage,
        case when usage.score is null then 1.0 else 0.0 end as usage_missing,
        cast(feedback.score as double) as feedback,
        case when feedback.score is null then 1.0 else 0.0 end as feedback_missing,
        cast(support.score as double) as support,
        case when support.score is null then 1.0 else 0.0 end as support_missing,
        cast(commercial.score as double) as commercial,
        case when commercial.score is null then 1.0 else 0.0 end as commercial_missing,
        cast(relationship.score as double) as relationship,
        case when relationship.score is null then 1.0 else 0.0 end as relationship_missing,
        -- Notice on everything brings the commercial score to 0, as never having paid much does.
        coalesce({{ ratio('commercial.noticed_mrr_amount', 'scored_customers.mrr_amount') }}, 0)
            as notice,
        case when scored_customers.activity_rule = 'contract' then 1.0 else 0.0 end as contract
    from scored_customers
    left join usage
        on usage.customer_key = scored_customers.customer_key
        and usage.score_date = scored_customers.score_date
    left join feedback
        on feedback.customer_key = scored_customers.customer_key
        and feedback.score_date = scored_customers.score_date
    left join support
        on support.customer_key = scored_customers.customer_key
        and support.score_date = scored_customers.score_date
    left join commercial
        on commercial.customer_key = scored_customers.customer_key
        and commercial.score_date = scored_customers.score_date
    left join relationship
        on relationship.customer_key = scored_customers.customer_key
        and relationship.score_date = scored_customers.score_date
)

select * from final
