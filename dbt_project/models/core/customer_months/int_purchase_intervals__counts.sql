-- Grain: one row per kind of customer (or all of them), quarter and days since the purchase before
with

transactions as (select * from {{ ref('int_transactions__in_reporting_currency') }}),

contracts as (select * from {{ ref('int_contracts__enriched') }}),

customers as (select * from {{ ref('int_customers__golden_record') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

purchase_days as (
    select distinct
        customers.customer_kind,
        transactions.customer_key,
        transactions.business_date
    from transactions
    cross join run_parameters
    inner join customers
        on customers.customer_key = transactions.customer_key
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind = 'sale'
        and contracts.contract_id is null
        and transactions.business_date <= run_parameters.as_of_date
),

paused as (
    select
        customer_kind,
        business_date,
        {{ days_between(
            'lag(business_date) over (partition by customer_key order by business_date)',
            'business_date'
        ) }} as pause_days
    from purchase_days
),

-- A pause is known from the purchase on that ended it; a first purchase ended none.
final as (
    {% for kind in ['customer_kind', "'all'"] %}
    select
        {{ kind }} as customer_kind,
        cast(date_trunc('quarter', business_date) as date) as quarter_date,
        pause_days,
        min(business_date) as first_date,
        count(*) as purchase_day_count
    from paused
    group by 1, 2, 3
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
