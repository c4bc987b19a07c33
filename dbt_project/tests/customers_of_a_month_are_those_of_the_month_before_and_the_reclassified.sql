-- Nobody comes or goes between two closed months but by a change of the rule, which is counted.
with months as (
    select
        period_kind,
        period_date,
        customers_at_start_count,
        reclassified_in_count - reclassified_out_count as reclassified_count,
        lag(customers_at_end_count, 1, 0) over (
            partition by period_kind
            order by period_date
        ) as customers_before_count
    from {{ ref('fct_churn') }}
    where segmentation = 'all'
)

select *
from months
where customers_at_start_count <> customers_before_count + reclassified_count
