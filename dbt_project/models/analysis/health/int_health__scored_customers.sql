-- Grain: one row per customer and score date (as-of date, 13 month ends) active or ranked on it
with

states as (select * from {{ ref('int_customer_months__activity') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Ranks are among customers with a contract or a sign of life within a year: the inactivity window
-- changes from year to year, and a rank should not. The highest MRR is looked for before the months
-- are cut.
measured as (
    select
        states.*,
        case
            when states.activity_rule = 'contract' then states.is_active_at_end
            when states.activity_rule = 'inactivity_window'
                then coalesce(states.last_activity_date > states.end_date - 365, false)
            else false
        end as is_ranked,
        max(states.mrr_end_amount) over (
            partition by states.customer_key
            order by states.month_date
            rows between 12 preceding and current row
        ) as highest_mrr_12m_amount
    from states
),

final as (
    select
        measured.customer_key,
        measured.end_date as score_date,
        measured.month_date,
        measured.end_date = run_parameters.as_of_date as is_as_of_date,
        coalesce(customers.customer_kind, 'unknown') as customer_kind,
        measured.activity_rule,
        measured.is_active_at_end as is_active,
        measured.is_ranked,
        measured.mrr_end_amount as mrr_amount,
        measured.highest_mrr_12m_amount
    from measured
    cross join run_parameters
    left join customers
        on customers.customer_key = measured.customer_key
    where (measured.is_active_at_end or measured.is_ranked)
        and measured.customer_key <> 'unknown'
        -- 13 month ends, and the as-of date where its month is still open.
        and measured.month_date >= run_parameters.first_open_month_date - interval 13 month
)

select * from final
