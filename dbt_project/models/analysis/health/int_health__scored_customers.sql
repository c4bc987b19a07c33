-- Grain: one row per customer and score date (as-of date, 13 month ends) active or ranked on it
with

customer_months as (select * from {{ ref('int_customer_months__activity') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Ranked are customers with a contract or with activity within a year: the inactivity window
-- changes from year to year, and the group of a rank should not. The highest MRR is taken before
-- the months are cut.
with_highest_mrr as (
    select
        customer_months.*,
        case
            when customer_months.activity_rule = 'contract' then customer_months.is_active_at_end
            when customer_months.activity_rule = 'inactivity_window'
                then coalesce(
                    customer_months.last_activity_date > customer_months.end_date - 365, false
                )
            else false
        end as is_ranked,
        max(customer_months.mrr_end_amount) over (
            partition by customer_months.customer_key
            order by customer_months.month_date
            rows between 12 preceding and current row
        ) as highest_mrr_12m_amount
    from customer_months
),

final as (
    select
        with_highest_mrr.customer_key,
        with_highest_mrr.end_date as score_date,
        with_highest_mrr.month_date,
        with_highest_mrr.end_date = run_parameters.as_of_date as is_as_of_date,
        coalesce(customers.customer_kind, 'unknown') as customer_kind,
        with_highest_mrr.activity_rule,
        with_highest_mrr.is_active_at_end as is_active,
        with_highest_mrr.is_ranked,
        with_highest_mrr.mrr_end_amount as mrr_amount,
        with_highest_mrr.highest_mrr_12m_amount
    from with_highest_mrr
    cross join run_parameters
    left join customers
        on customers.customer_key = with_highest_mrr.customer_key
    where (with_highest_mrr.is_active_at_end or with_highest_mrr.is_ranked)
        and with_highest_mrr.customer_key <> 'unknown'
        -- 13 month ends, and the as-of date where its month is still open.
        and with_highest_mrr.month_date >= run_parameters.first_open_month_date - interval 13 month
)

select * from final
