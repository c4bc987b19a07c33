-- Grain: one row per low answer: a detractor, a bad CSAT or a high effort
with

responses as (select * from {{ ref('fct_survey_responses') }}),

customer_months as (select * from {{ ref('fct_customer_months') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (
    select
        {{ setting('feedback_owner__relationship', dbt.type_string()) }} as relationship_owner,
        {{ setting('feedback_owner__transactional', dbt.type_string()) }} as transactional_owner
    from {{ ref('analyst_settings') }}
),

-- A tool that never says when somebody went back does not say that nobody did.
told as (
    select
        *,
        count(followed_up_at) over (partition by source_system) > 0 as is_follow_up_recorded
    from responses
),

-- What the customer said next about the same thing shows whether going back to it helped.
sequenced as (
    select
        *,
        lead(score_normalised) over same_matter as next_score_normalised,
        lead(answered_at) over same_matter as next_answered_at
    from told
    where is_valid_score
    window same_matter as (
        partition by customer_key, survey_kind, survey_scope
        order by answered_at, response_id
    )
),

low as (
    select
        sequenced.*,
        case
            when nps_class = 'detractor' then 'detractor'
            when not is_csat_good then 'dissatisfied'
            when not is_low_effort then 'high_effort'
        end as low_reason,
        customer_key <> 'unknown' as is_known
    from sequenced
    where nps_class = 'detractor'
        or not is_csat_good
        or not is_low_effort
),

revenue as (
    select
        customer_months.customer_key,
        {{ money('sum(customer_months.net_revenue_amount)') }} as net_revenue_12m_amount
    from customer_months
    cross join run_parameters
    where customer_months.month_date > run_parameters.as_of_date - interval 12 month
    group by 1
),

final as (
    select
        low.response_id,
        low.customer_key,
        low.ticket_id,
        low.answered_at,
        low.business_date,
        low.survey_kind,
        low.survey_scope,
        low.touchpoint,
        low.low_reason,
        low.score,
        low.score_normalised,
        low.comment,
        low.has_comment,
        -- The team that holds the ticket it is about, else the team in charge of such surveys.
        coalesce(
            tickets.group_name,
            case low.survey_scope
                when 'relationship' then settings.relationship_owner
                when 'transactional' then settings.transactional_owner
            end
        ) as owner_team,
        case when tickets.group_name is not null then 'ticket' else 'setting' end as owner_basis,
        low.followed_up_at,
        case
            when low.followed_up_at is not null then 'closed'
            when not low.is_known then 'customer_unknown'
            when low.is_follow_up_recorded then 'open'
            else 'not_recorded'
        end as loop_status,
        low.is_follow_up_recorded,
        {{ days_between('low.business_date', 'run_parameters.as_of_date') }} as age_days,
        case when low.followed_up_at is not null then cast(
            {{ minutes_between('low.answered_at', 'low.followed_up_at') }} / 1440 as double
        ) end as days_to_follow_up,
        case when low.is_known then low.next_answered_at end as next_answered_at,
        case when low.is_known then low.next_score_normalised end as next_score_normalised,
        revenue.net_revenue_12m_amount
    from low
    left join revenue
        -- One condition on both sides: a second on one side alone makes DuckDB compare all pairs.
        on revenue.customer_key = case when low.is_known then low.customer_key end
    left join tickets
        on tickets.ticket_id = low.ticket_id
    cross join settings
    cross join run_parameters
)

select * from final
