-- Grain: one row per customer_key, period kind (month, quarter) and closed period
{%- set amounts = [
    'net_revenue_amount', 'gross_revenue_amount', 'rateable_revenue_amount',
    'gross_margin_amount', 'support_cost_amount', 'programme_cost_amount',
    'unallocated_programme_cost_amount',
] %}
with

months as (select * from {{ ref('fct_customer_months') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

records as (select * from {{ ref('int_records__begun') }}),

first_months as (
    select
        customer_key,
        min(month_date) as month_date
    from months
    group by customer_key
),

-- Signed before anything else happened: counts in the first month there is.
dated_contracts as (
    select
        contracts.customer_key,
        cast(greatest(
            date_trunc('month', coalesce(contracts.signed_date, contracts.start_date)),
            first_months.month_date
        ) as date) as month_date,
        contracts.total_contract_value_amount
    from contracts
    inner join first_months
        on first_months.customer_key = contracts.customer_key
    where contracts.contract_kind <> 'trial'
),

signed as (
    select
        customer_key,
        month_date,
        count(*) as signed_contract_count,
        sum(total_contract_value_amount) as signed_contract_value_amount
    from dated_contracts
    group by customer_key, month_date
),

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
        + interval {{ months }} month <= run_parameters.as_of_date + interval 1 day
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        dated.customer_key,
        dated.period_kind,
        dated.period_date,
        -- Active at the start of the period and at its end; what happened between is no churn.
        min_by(dated.is_active_at_start, dated.month_date)
            and min(dated.month_date) = dated.period_date as is_active_at_start,
        max_by(dated.is_active_at_end, dated.month_date) as is_active_at_end,
        max(case when dated.is_new then 1 else 0 end) = 1 as is_new,
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
        case when max(cast(records.has_revenue as int)) = 1
            then coalesce(sum(signed.signed_contract_count), 0) end as signed_contract_count,
        cast(case when max(cast(records.has_revenue as int)) = 1
            then coalesce(sum(signed.signed_contract_value_amount), 0) end as decimal(18, 4))
            as signed_contract_value_amount
    from dated
    cross join records
    left join signed
        on signed.customer_key = dated.customer_key
        and signed.month_date = dated.month_date
    group by dated.customer_key, dated.period_kind, dated.period_date
)

select * from final
