-- Grain: one row per customer_key, period kind (month, quarter) and closed period
{%- set amounts = [
    'net_revenue_amount', 'gross_revenue_amount', 'rateable_revenue_amount',
    'gross_margin_amount', 'support_cost_amount', 'programme_cost_amount',
    'unallocated_programme_cost_amount',
] %}
with

months as (select * from {{ ref('fct_customer_months') }}),

deals as (select * from {{ ref('int_deals__by_customer_month') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

records as (select * from {{ ref('int_data_coverage') }}),

-- Each month counts in its month and in its quarter, once that has ended.
dated as (
    {% for period_kind, months in [('month', 1), ('quarter', 3)] %}
    select
        months.*,
        '{{ period_kind }}' as period_kind,
        cast(date_trunc('{{ period_kind }}', months.month_date) as date) as period_date
    from months
    cross join run_parameters
    where date_trunc('{{ period_kind }}', months.month_date)
        + interval {{ months }} month <= run_parameters.first_open_month_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        dated.customer_key,
        dated.period_kind,
        dated.period_date,
        min(case when dated.is_margin_known then 1 else 0 end) = 1 as is_margin_known,
        count(*) filter (where dated.support_cost_amount is null)
            as support_cost_unknown_month_count,
        {% for amount in amounts %}
        cast(sum(dated.{{ amount }}) as decimal(18, 4)) as {{ amount }},
        {% endfor %}
        -- Booked in one month: what is not known is counted, and adds nothing.
        cast(coalesce(sum(dated.acquisition_cost_amount), 0) as decimal(18, 4))
            as acquisition_cost_amount,
        count(*) - count(dated.acquisition_cost_amount) as acquisition_cost_unknown_count,
        sum(dated.transaction_count) as transaction_count,
        {% for count in ['signed_contract', 'deal'] %}
        case when max(cast(records.has_revenue as int)) = 1
            then cast(coalesce(sum(deals.{{ count }}_count), 0) as bigint)
        end as {{ count }}_count,
        case when max(cast(records.has_revenue as int)) = 1
            then cast(coalesce(sum(deals.{{ count }}_value_amount), 0) as decimal(18, 4))
        end as {{ count }}_value_amount,
        {% endfor %}
        -- Of who has the first contract in the period, what was signed that renews no other.
        case when max(cast(records.has_revenue as int)) = 1
            then max(case
                when date_trunc(dated.period_kind, deals.first_contract_month_date)
                    = dated.period_date then 1
                else 0
            end)
        end as new_contract_customer_count,
        case when max(cast(records.has_revenue as int)) = 1
            then cast(coalesce(
                sum(deals.new_contract_value_amount) filter (
                    where date_trunc(dated.period_kind, deals.first_contract_month_date)
                        = dated.period_date
                ), 0
            ) as decimal(18, 4))
        end as new_contract_value_amount
    from dated
    cross join records
    left join deals
        on deals.customer_key = dated.customer_key
        and deals.month_date = dated.month_date
    group by dated.customer_key, dated.period_kind, dated.period_date
)

select * from final
