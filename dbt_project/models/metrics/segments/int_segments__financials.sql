-- Grain: one row per segmentation, segment, period kind and closed period
{{ config(materialized='view') }}
{%- set amounts = [
    'net_revenue_amount', 'support_cost_amount', 'programme_cost_amount',
    'unallocated_programme_cost_amount', 'signed_contract_value_amount', 'deal_value_amount',
    'new_contract_value_amount',
] %}
with

periods as (select * from {{ ref('int_customer_periods__totals') }}),

memberships as (select * from {{ ref('int_customer_segments__backdated') }}),

final as (
    select
        memberships.segmentation,
        memberships.segment,
        periods.period_kind,
        periods.period_date,
        count(*) as customer_count,
        count(*) filter (where not periods.is_margin_known) as margin_unknown_customer_count,
        cast(sum(periods.support_cost_unknown_month_count) as bigint)
            as support_cost_unknown_customer_month_count,
        cast(sum(periods.acquisition_cost_unknown_count) as bigint)
            as acquisition_cost_unknown_customer_count,
        -- With nothing on record but gaps the cost is not 0.
        cast(
            case
                when sum(periods.acquisition_cost_unknown_count) = 0
                    or sum(periods.acquisition_cost_amount) <> 0
                    then sum(periods.acquisition_cost_amount)
            end as decimal(18, 4)
        ) as acquisition_cost_amount,
        -- One unknown margin would make a part pass for the whole.
        cast(
            case
                when count(*) filter (where not periods.is_margin_known) = 0
                    then sum(periods.gross_margin_amount)
            end as decimal(18, 4)
        ) as gross_margin_amount,
        cast(sum(periods.gross_revenue_amount - periods.rateable_revenue_amount) as decimal(18, 4))
            as billed_revenue_amount,
        {% for amount in amounts %}
        cast(sum(periods.{{ amount }}) as decimal(18, 4)) as {{ amount }},
        {% endfor %}
        cast(sum(periods.transaction_count) as bigint) as transaction_count,
        cast(sum(periods.signed_contract_count) as bigint) as signed_contract_count,
        cast(sum(periods.deal_count) as bigint) as deal_count,
        cast(sum(periods.new_contract_customer_count) as bigint) as new_contract_customer_count
    from periods
    inner join memberships
        on memberships.customer_key = periods.customer_key
        and memberships.valid_from_date <= periods.period_date
        and memberships.valid_to_date > periods.period_date
    group by 1, 2, 3, 4
)

select * from final
