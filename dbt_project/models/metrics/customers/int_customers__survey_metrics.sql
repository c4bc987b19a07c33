-- Grain: one row per customer_key with a valid answer in the twelve months up to the as-of date
{{ config(materialized='view') }}
with

responses as (select * from {{ ref('fct_survey_responses') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

windowed as (
    select
        responses.*,
        survey_kind = 'nps' and survey_scope = 'relationship' and nps_class is not null
            as is_relationship_nps,
        survey_kind = 'csat' and survey_scope = 'transactional' as is_csat,
        survey_kind = 'ces' and survey_scope = 'transactional' as is_ces
    from responses
    cross join run_parameters
    where responses.is_valid_score
        and responses.customer_key <> 'unknown'
        and responses.business_date <= run_parameters.as_of_date
        and responses.business_date > run_parameters.as_of_date - interval 12 month
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_key, is_relationship_nps
            order by answered_at desc, response_id desc
        ) as answer_rank
    from windowed
),

final as (
    select
        customer_key,
        max(score) filter (where is_relationship_nps and answer_rank = 1) as latest_nps_score,
        max(nps_class) filter (where is_relationship_nps and answer_rank = 1) as latest_nps_class,
        max(business_date) filter (where is_relationship_nps) as latest_nps_date,
        count(*) filter (where is_csat) as csat_answer_12m_count,
        count(*) filter (where is_csat and is_csat_good) as csat_good_12m_count,
        count(*) filter (where is_ces) as ces_answer_12m_count,
        count(*) filter (where is_ces and is_low_effort) as ces_low_effort_12m_count
    from ranked
    group by customer_key
)

select * from final
