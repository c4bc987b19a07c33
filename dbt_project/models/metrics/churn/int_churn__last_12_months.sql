-- Grain: one row per segmentation and segment with a customer in the last twelve closed months
with

churn as (select * from {{ ref('fct_churn') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

summed as (
    select
        churn.segmentation,
        churn.segment,
        cast(sum(churn.customers_at_start_count) as bigint) as active_month_count,
        cast(sum(churn.lost_count) as bigint) as lost_count
    from churn
    cross join run_parameters
    where churn.period_kind = 'month'
        and churn.period_date >= run_parameters.first_open_month_date - interval 12 month
    group by 1, 2
),

final as (
    select
        *,
        {{ ratio('lost_count', 'active_month_count') }} as monthly_churn_rate
    from summed
)

select * from final
