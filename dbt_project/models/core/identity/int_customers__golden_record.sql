-- Grain: one row per customer_key, without the unknown member
{%- set attributes = [
    'industry', 'country', 'region', 'language', 'persona', 'acquisition_channel',
    'preferred_channel', 'referred_by_customer_id',
] %}
with

stg_customers as (select * from {{ ref('stg_crm__customers') }}),

canonical as (select * from {{ ref('int_customers__canonical') }}),

matched as (select * from {{ ref('int_customer_identifiers__matched') }}),

exchange_rates as (select * from {{ ref('int_exchange_rates__daily') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

customers as (
    select
        stg_customers.*,
        cast({{ to_local('stg_customers.signup_at', 'run_parameters.time_zone') }} as date)
            as signup_date
    from stg_customers
    cross join run_parameters
),

records as (
    select
        canonical.customer_key,
        canonical.canonical_customer_id = customers.customer_id as is_canonical,
        -- The canonical record goes first, then the others by age.
        row_number() over (
            partition by canonical.customer_key
            order by
                case when canonical.canonical_customer_id = customers.customer_id then 0 else 1 end,
                coalesce(customers.is_deleted, false),
                customers.signup_at nulls last,
                customers.customer_id
        ) as record_rank,
        customers.customer_kind,
        customers.employee_count,
        {% for column in attributes %}
        nullif(trim(customers.{{ column }}), '') as {{ column }},
        {% endfor %}
        coalesce(customers.is_deleted, false) as is_deleted,
        customers.signup_date,
        {{ to_reporting('customers.acquisition_cost_amount', 'exchange_rates.rate_to_reporting') }}
            as acquisition_cost_amount
    from customers
    inner join canonical
        on canonical.customer_id = customers.customer_id
    cross join run_parameters
    left join exchange_rates
        on exchange_rates.currency = coalesce(customers.currency, run_parameters.reporting_currency)
        and exchange_rates.valid_from
            <= coalesce(customers.signup_date, run_parameters.as_of_date)
        and exchange_rates.valid_to
            > coalesce(customers.signup_date, run_parameters.as_of_date)
),

merged as (
    select
        customer_key,
        min_by(customer_kind, record_rank) as customer_kind,
        min_by(employee_count, record_rank) filter (where employee_count is not null)
            as employee_count,
        {% for column in attributes %}
        min_by({{ column }}, record_rank) filter (where {{ column }} is not null) as {{ column }},
        {% endfor %}
        min(signup_date) as signup_date,
        min(case when is_deleted then 1 else 0 end) = 1 as is_deleted,
        count(*) as record_count,
        -- An account without a cost of its own cost what winning its people cost.
        cast(
            coalesce(
                sum(acquisition_cost_amount) filter (where is_canonical),
                sum(acquisition_cost_amount)
            ) as decimal(18, 4)
        ) as acquisition_cost_amount
    from records
    group by customer_key
),

recorded as (
    select
        merged.customer_key,
        merged.customer_kind,
        merged.industry,
        {{ size_band('merged.employee_count') }} as size_band,
        merged.country,
        merged.region,
        merged.language,
        merged.persona,
        merged.acquisition_channel,
        merged.acquisition_cost_amount,
        nullif(referrer.customer_key, merged.customer_key) as referred_by_customer_key,
        merged.preferred_channel,
        merged.signup_date,
        merged.is_deleted,
        merged.record_count,
        false as is_inferred
    from merged
    left join canonical as referrer
        on referrer.customer_id = merged.referred_by_customer_id
),

-- Who signs a contract is an account, who buys a person: no record says what they are.
inferred as (
    select
        customer_key,
        case when min(bought_by) = 'contract' then 'account' else 'person' end as customer_kind
    from matched
    where identity_rule in ('inferred_from_id', 'inferred_from_email')
    group by customer_key
),

final as (
    select * from recorded

    union all

    select
        customer_key,
        customer_kind,
        {%- for column in [
            'industry', 'size_band', 'country', 'region', 'language', 'persona',
            'acquisition_channel',
        ] %}
        cast(null as varchar) as {{ column }},
        {%- endfor %}
        cast(null as decimal(18, 4)) as acquisition_cost_amount,
        cast(null as varchar) as referred_by_customer_key,
        cast(null as varchar) as preferred_channel,
        cast(null as date) as signup_date,
        false as is_deleted,
        0 as record_count,
        true as is_inferred
    from inferred
)

select * from final
