-- Grain: one row per kind of customer
{{ config(materialized='view') }}
with

churn as (select * from {{ ref('int_churn__last_12_months') }}),

settings as (select * from {{ ref('int_settings') }}),

-- Nobody lost means an endless life: the horizon is then the longest anybody plans for.
final as (
    select
        churn.segment as customer_kind,
        churn.active_month_count,
        churn.lost_count,
        churn.monthly_churn_rate,
        case
            when churn.active_month_count > 0 then least(
                cast(settings.simple_clv_horizon_months as double),
                coalesce(
                    {{ ratio('churn.active_month_count', 'churn.lost_count') }},
                    cast(settings.simple_clv_horizon_months as double)
                )
            )
        end as average_lifetime_months
    from churn
    cross join settings
    where churn.segmentation = 'customer_kind'
)

select * from final
