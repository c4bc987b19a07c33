-- Grain: one row per segmentation, segment, cohort (month of the start, or all) and month since
{{ config(materialized='view') }}
{%- set counts = ['customer', 'retained', 'unknown_margin', 'acquisition_cost_known'] %}
{%- set amounts = ['net_revenue', 'gross_margin', 'contribution', 'acquisition_cost'] %}
with

summed as (select * from {{ ref('int_cohort_months__summed') }}),

-- All cohorts as one: in every month since the start, the customers who have been watched so long.
final as (
    select
        segmentation,
        segment,
        'all' as cohort,
        cast(null as date) as cohort_month_date,
        months_since_start
        {%- for count in counts %},
        cast(sum({{ count }}_count) as bigint) as {{ count }}_count
        {%- endfor %}
        {%- for amount in amounts %},
        {{ money('sum(' ~ amount ~ '_amount)') }} as {{ amount }}_amount
        {%- endfor %}
    from summed
    group by 1, 2, 5

    union all

    select
        segmentation,
        segment,
        substr(cast(cohort_month_date as varchar(10)), 1, 7) as cohort,
        cohort_month_date,
        months_since_start
        {%- for count in counts %},
        {{ count }}_count
        {%- endfor %}
        {%- for amount in amounts %},
        {{ amount }}_amount
        {%- endfor %}
    from summed
)

select * from final
