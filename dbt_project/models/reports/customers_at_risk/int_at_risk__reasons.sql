-- Grain: one row per customer active on the as-of date: signs of leaving, in words
{{ config(materialized='view') }}
with

health as (select * from {{ ref('fct_customer_health') }}),

customers as (select * from {{ ref('dim_customers') }}),

returns as (select * from {{ ref('fct_customer_roi') }}),

upcoming_renewals as (select * from {{ ref('rpt_upcoming_renewals') }}),

customer_months as (select * from {{ ref('fct_customer_months') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

next_renewals as (
    select
        customer_key,
        min(next_renewal_date) as next_renewal_date,
        min(days_to_renewal) as days_to_renewal
    from upcoming_renewals
    group by customer_key
),

inactivity_windows as (
    select
        customer_months.customer_key,
        customer_months.inactivity_window_days
    from customer_months
    inner join run_parameters
        on customer_months.month_date = cast(
            date_trunc('month', run_parameters.as_of_date) as date
        )
),

signals as (
    select
        health.*,
        customers.lifecycle,
        returns.latest_nps_class,
        returns.latest_nps_score,
        returns.latest_nps_date,
        next_renewals.next_renewal_date,
        next_renewals.days_to_renewal,
        inactivity_windows.inactivity_window_days,
        settings.renewal_due_days,
        settings.risk_usage_drop_rate,
        1 - {{ ratio('health.use_90d_count', 'health.use_prior_90d_count') }} as usage_drop
    from health
    cross join settings
    inner join customers
        on customers.customer_key = health.customer_key
    inner join returns
        on returns.customer_key = health.customer_key
    left join next_renewals
        on next_renewals.customer_key = health.customer_key
    left join inactivity_windows
        on inactivity_windows.customer_key = health.customer_key
    where health.is_as_of_date
),

final as (
    select
        customer_key,
        next_renewal_date,
        case
            when noticed_mrr_amount > 0 then concat(
                'notice given on ', cast(round(noticed_mrr_amount) as bigint), ' of ',
                cast(round(mrr_amount) as bigint), ' a month'
            )
            when days_to_renewal <= renewal_due_days then concat(
                'contract ends or renews in ', days_to_renewal, ' days, on ', next_renewal_date
            )
        end as contract_reason,
        case
            when usage_score is null then null
            when use_90d_count + use_prior_90d_count = 0 then 'no use of the product in 180 days'
            when usage_drop >= risk_usage_drop_rate then concat(
                'usage down by ', cast(round(100 * usage_drop) as bigint),
                ' % against the 90 days before'
            )
        end as usage_reason,
        case when activity_rule <> 'contract' and 2 * days_since_sale > inactivity_window_days
            then concat(
                'last purchase ', days_since_sale, ' days ago; counts as lost after ',
                inactivity_window_days
            )
        end as purchase_reason,
        case
            when latest_nps_class = 'detractor' then concat(
                'detractor on ', latest_nps_date, ', ', cast(round(latest_nps_score) as bigint),
                ' of 10'
            )
            when feedback_scope = 'transactional' and feedback_score < 50 then concat(
                'answers of ', cast(round(feedback_score) as bigint), ' of 100 on average'
            )
        end as feedback_reason,
        case
            when waiting_ticket_count > 0 then concat('unanswered tickets: ', waiting_ticket_count)
            when repeat_contact_180d_count > 0 then concat(
                repeat_contact_180d_count, ' of ', ticket_180d_count,
                ' tickets in 180 days repeated a contact'
            )
            when ticket_answer_score < 50 then concat(
                'answers about tickets ', cast(round(ticket_answer_score) as bigint), ' of 100'
            )
        end as support_reason
    from signals
)

select * from final
