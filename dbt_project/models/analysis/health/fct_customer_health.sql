-- Grain: one row per customer and score date (as-of date and last 13 month ends) active on it
{%- set components = ['usage', 'feedback', 'support', 'commercial', 'relationship'] %}
with

subjects as (select * from {{ ref('int_health__scored_customers') }} where is_active),

components as (select * from {{ ref('int_health__components') }}),

usage as (select * from {{ ref('int_health__usage') }}),

feedback as (select * from {{ ref('int_health__feedback') }}),

support as (select * from {{ ref('int_health__support') }}),

commercial as (select * from {{ ref('int_health__commercial') }}),

relationship as (select * from {{ ref('int_health__relationship') }}),

settings as (
    select
        {{ setting('health_healthy_from', 'double') }} as healthy_from,
        {{ setting('health_unhealthy_below', 'double') }} as unhealthy_below
    from {{ ref('analyst_settings') }}
),

-- What a component takes off the score decides which is named first: a low score of a component
-- that hardly counts is no reason.
ranked as (
    select
        *,
        row_number() over (
            partition by customer_key, score_date
            order by weight * (100 - score) desc nulls last, component
        ) as shortfall_rank
    from components
),

weighed as (
    select
        customer_key,
        score_date,
        {% for component in components %}
        max(score) filter (where component = '{{ component }}') as {{ component }}_score,
        {% endfor %}
        sum(weight * score) / nullif(sum(weight) filter (where score is not null), 0)
            as health_score,
        {{ ratio('coalesce(sum(weight) filter (where score is not null), 0)', 'sum(weight)') }}
            as coverage_rate,
        {% for place in ['main', 'second', 'third'] %}
        max(concat(component, ' ', cast(round(score) as bigint), ': ', reason)) filter (
            where shortfall_rank = {{ loop.index }} and score < 100 and weight > 0
        ) as {{ place }}_reason,
        {% endfor %}
        {%- for component in components %}
        {{ 'nullif(concat(' if loop.first }}
            max(case when component = '{{ component }}' and score is null
                then '{{ component }} ' else '' end)
            {{- ',' if not loop.last else "), '') as missing_components" }}
        {%- endfor %}
    from ranked
    group by customer_key, score_date
),

final as (
    select
        subjects.customer_key,
        subjects.score_date,
        subjects.is_as_of_date,
        subjects.customer_kind,
        subjects.activity_rule,
        {% for component in components %}
        weighed.{{ component }}_score,
        {% endfor %}
        cast(weighed.health_score as decimal(7, 4)) as health_score,
        case
            when weighed.health_score is null then 'no_score'
            when weighed.health_score >= settings.healthy_from then 'healthy'
            when weighed.health_score < settings.unhealthy_below then 'unhealthy'
            else 'watch'
        end as health_band,
        weighed.coverage_rate,
        trim(weighed.missing_components) as missing_components,
        case when weighed.health_score is null
            then 'nothing on record that a component with a weight could be scored by'
        end as no_score_reason,
        weighed.main_reason,
        weighed.second_reason,
        weighed.third_reason,
        usage.use_90d_count,
        usage.use_prior_90d_count,
        feedback.feedback_scope,
        feedback.last_feedback_date,
        coalesce(support.ticket_180d_count, 0) as ticket_180d_count,
        coalesce(support.waiting_ticket_count, 0) as waiting_ticket_count,
        coalesce(support.repeat_contact_180d_count, 0) as repeat_contact_180d_count,
        support.ticket_answer_score,
        subjects.mrr_amount,
        subjects.highest_mrr_12m_amount,
        commercial.noticed_mrr_amount,
        commercial.days_since_sale,
        commercial.net_revenue_180d_amount,
        commercial.net_revenue_prior_180d_amount,
        relationship.contact_day_180d_count
    from subjects
    inner join weighed
        on weighed.customer_key = subjects.customer_key
        and weighed.score_date = subjects.score_date
    cross join settings
    {% for component in components %}
    left join {{ component }}
        on {{ component }}.customer_key = subjects.customer_key
        and {{ component }}.score_date = subjects.score_date
    {% endfor %}
)

select * from final
