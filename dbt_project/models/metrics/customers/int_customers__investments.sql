-- Grain: one row per customer_key, what it brought in and what was invested, per horizon
{{ config(materialized='view') }}
with

months as (select * from {{ ref('fct_customer_months') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- The twelve closed months; an open one would make the figure depend on the day of the month.
windowed as (
    select
        months.*,
        run_parameters.as_of_date,
        months.is_closed_month
            and months.month_date >= run_parameters.first_open_month_date - interval 12 month
            as is_in_12m,
        true as is_in_lifetime
    from months
    cross join run_parameters
),

final as (
    select
        customer_key,
        as_of_date,
        max_by(is_active_at_end, month_date) as is_active,
        max_by(tenure_months, month_date) as tenure_months,
        -- Gone are also who came and went inside one month, and who no longer counts by a changed
        -- rule.
        max(month_date) filter (
            where is_churned
                or (is_new and not is_active_at_end)
                or (is_reclassified and not is_active_at_start)
        ) as last_churned_month_date,
        count(*) filter (where is_in_12m and (is_active_at_start or is_active_at_end))
            as active_month_12m_count,
        cast(coalesce(sum(transaction_count) filter (where is_in_12m), 0) as bigint)
            as transaction_12m_count
        {%- for horizon in ['12m', 'lifetime'] %},
        cast(sum(net_revenue_amount) filter (where is_in_{{ horizon }}) as decimal(18, 4))
            as net_revenue_{{ horizon }}_amount,
        cast(sum(gross_revenue_amount) filter (where is_in_{{ horizon }}) as decimal(18, 4))
            as gross_revenue_{{ horizon }}_amount,
        cast(sum(rateable_revenue_amount) filter (where is_in_{{ horizon }}) as decimal(18, 4))
            as rateable_revenue_{{ horizon }}_amount,
        cast(sum(refund_amount) filter (where is_in_{{ horizon }}) as decimal(18, 4))
            as refund_{{ horizon }}_amount,
        cast(sum(support_cost_amount) filter (where is_in_{{ horizon }}) as decimal(18, 4))
            as support_cost_{{ horizon }}_amount,
        cast(sum(programme_cost_amount) filter (where is_in_{{ horizon }}) as decimal(18, 4))
            as programme_cost_{{ horizon }}_amount,
        -- No figure of the open month is complete, so no ledger is missed there. Of margin and
        -- acquisition cost, one unknown month would make a part pass for the whole.
        count(*) filter (
            where is_in_{{ horizon }} and is_closed_month and support_cost_amount is null
        ) as support_cost_unknown_month_{{ horizon }}_count,
        cast(
            case
                when count(*) filter (where is_in_{{ horizon }})
                    = count(gross_margin_amount) filter (where is_in_{{ horizon }})
                    then sum(gross_margin_amount) filter (where is_in_{{ horizon }})
            end as decimal(18, 4)
        ) as gross_margin_{{ horizon }}_amount,
        cast(
            case
                when count(*) filter (where is_in_{{ horizon }})
                    = count(acquisition_cost_amount) filter (where is_in_{{ horizon }})
                    then sum(acquisition_cost_amount) filter (where is_in_{{ horizon }})
            end as decimal(18, 4)
        ) as acquisition_cost_{{ horizon }}_amount
        {%- endfor %}
    from windowed
    group by customer_key, as_of_date
)

select * from final
