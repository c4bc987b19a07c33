-- Grain: one row per customer, line level (product or category) and product line they ever had
with

contracts as (select * from {{ ref('fct_contracts') }}),

transactions as (select * from {{ ref('fct_transactions') }}),

customers as (select * from {{ ref('dim_customers') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

-- What a contract bills is that contract's line, set-up fees included.
holdings as (
    select
        contracts.customer_key,
        contracts.product,
        contracts.product_category,
        contracts.is_open as is_owned_now,
        case when contracts.is_open then contracts.acv_amount else 0 end as annual_revenue_amount,
        0 as sale_count,
        contracts.start_date as contract_first_date,
        least(coalesce(contracts.end_date, run_parameters.as_of_date), run_parameters.as_of_date)
            as contract_last_date
    from contracts
    cross join run_parameters
    where contracts.contract_kind <> 'trial'
        and contracts.start_date <= run_parameters.as_of_date

    union all

    select
        transactions.customer_key,
        transactions.product,
        transactions.product_category,
        transactions.transaction_kind = 'sale'
            and transactions.business_date > run_parameters.as_of_date - interval 12 month
            as is_owned_now,
        case
            when transactions.business_date > run_parameters.as_of_date - interval 12 month
                then transactions.net_revenue_amount
            else 0
        end as annual_revenue_amount,
        case when transactions.transaction_kind = 'sale' then 1 else 0 end as sale_count,
        cast(null as date) as contract_first_date,
        cast(null as date) as contract_last_date
    from transactions
    cross join run_parameters
    left join contracts
        on contracts.contract_id = transactions.contract_id
    where transactions.transaction_kind in ('sale', 'refund')
        and transactions.business_date <= run_parameters.as_of_date
        and contracts.contract_id is null
),

-- A product is a line at level product, and its category one at level category.
line_holdings as (
    select holdings.*, 'product' as line_level, holdings.product as product_line from holdings
    union all
    select holdings.*, 'category' as line_level, holdings.product_category as product_line
    from holdings
),

owned as (
    select
        line_holdings.customer_key,
        customers.customer_kind,
        line_holdings.line_level,
        line_holdings.product_line,
        max(line_holdings.product_category) as product_category,
        max(case when line_holdings.is_owned_now then 1 else 0 end) = 1 as is_owned_now,
        max(line_holdings.contract_first_date) is not null as is_contract,
        {{ money('sum(line_holdings.annual_revenue_amount)') }} as annual_revenue_amount,
        sum(line_holdings.sale_count) as sale_count,
        min(line_holdings.contract_first_date) as contract_first_date,
        max(line_holdings.contract_last_date) as contract_last_date
    from line_holdings
    inner join customers
        on customers.customer_key = line_holdings.customer_key
    where line_holdings.customer_key <> 'unknown'
        and line_holdings.product_line is not null
    group by
        line_holdings.customer_key,
        customers.customer_kind,
        line_holdings.line_level,
        line_holdings.product_line
),

-- What ownership is stratified by: who buys more often, or is under contract for longer, has more
-- of every line.
final as (
    select
        owned.customer_key,
        owned.customer_kind,
        owned.line_level,
        owned.product_line,
        owned.product_category,
        owned.is_owned_now,
        owned.is_contract,
        owned.annual_revenue_amount,
        sum(owned.sale_count) over customer as all_sale_count,
        sum(owned.sale_count) over customer - owned.sale_count as other_sale_count,
        coalesce(cast(floor(
            {{ days_between('min(owned.contract_first_date) over customer',
                'max(owned.contract_last_date) over customer') }} / 365.25
        ) as int), -1) as contract_years,
        count(*) over line >= settings.rate_minimum_customers as is_common
    from owned
    cross join settings
    window
        customer as (partition by owned.customer_key, owned.line_level),
        line as (partition by owned.customer_kind, owned.line_level, owned.product_line)
)

select * from final
