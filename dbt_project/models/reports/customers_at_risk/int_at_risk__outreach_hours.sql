-- Grain: one row per customer active on the as-of date: the hours it takes to attend to them
with

groups as (select * from {{ ref('int_risk__groups') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (
    select {{ setting('risk_outreach_minutes', 'double') }} as outreach_minutes
    from {{ ref('analyst_settings') }}
),

workloads as (
    select
        avg(tickets.handle_minutes) filter (
            where tickets.opened_date > run_parameters.as_of_date - interval 12 month
        ) as mean_handle_minutes
    from tickets
    cross join run_parameters
),

open_tickets as (
    select
        customer_key,
        count(*) as open_ticket_count
    from tickets
    where not is_solved
    group by customer_key
),

-- One conversation, and the customer's open tickets at the time tickets take.
final as (
    select
        groups.customer_key,
        coalesce(open_tickets.open_ticket_count, 0) as open_ticket_count,
        (settings.outreach_minutes + case
            when open_tickets.open_ticket_count is null then 0
            else open_tickets.open_ticket_count * workloads.mean_handle_minutes
        end) / 60 as outreach_hours
    from groups
    cross join settings
    cross join workloads
    left join open_tickets
        on open_tickets.customer_key = groups.customer_key
    where groups.is_as_of_date
)

select * from final
