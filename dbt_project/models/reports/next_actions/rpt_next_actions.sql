-- Grain: one row per customer and trigger that asks for something to be done
with

renewal as (select * from {{ ref('int_actions__renewal') }}),

onboarding as (select * from {{ ref('int_actions__onboarding') }}),

repurchase as (select * from {{ ref('int_actions__repurchase') }}),

cross_sell as (select * from {{ ref('int_actions__cross_sell') }}),

win_back as (select * from {{ ref('int_actions__win_back') }}),

call_back as (select * from {{ ref('int_actions__call_back') }}),

customers as (select * from {{ ref('dim_customers') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (select * from {{ ref('int_settings') }}),

actions as (
    select customer_key, trigger, reason, due_date, base_amount, rate, rate_customer_count,
        value_basis, value_formula, contract_id,
        cast(null as {{ dbt.type_string() }}) as product_line,
        cast(null as {{ dbt.type_string() }}) as response_id
    from renewal
    union all
    select customer_key, trigger, reason, due_date, base_amount, rate, rate_customer_count,
        value_basis, value_formula, null as contract_id, null as product_line, null as response_id
    from onboarding
    union all
    select customer_key, trigger, reason, due_date, base_amount, rate, rate_customer_count,
        value_basis, value_formula, null as contract_id, null as product_line, null as response_id
    from repurchase
    union all
    select customer_key, trigger, reason, due_date, base_amount, rate, rate_customer_count,
        value_basis, value_formula, null as contract_id, product_line, null as response_id
    from cross_sell
    union all
    select customer_key, trigger, reason, due_date, base_amount, rate, rate_customer_count,
        value_basis, value_formula, null as contract_id, null as product_line, null as response_id
    from win_back
    union all
    select customer_key, trigger, reason, due_date, base_amount, rate, rate_customer_count,
        value_basis, value_formula, null as contract_id, null as product_line, response_id
    from call_back
),

actions_with_rates as (
    select
        actions.customer_key,
        actions.trigger,
        run_parameters.as_of_date,
        customers.customer_kind,
        customers.lifecycle,
        actions.reason,
        actions.due_date,
        actions.contract_id,
        actions.product_line,
        actions.response_id,
        actions.base_amount,
        case when actions.rate_customer_count >= settings.rate_minimum_customers
            then actions.rate end as rate,
        cast(actions.rate_customer_count as bigint) as rate_customer_count,
        actions.value_basis,
        actions.value_formula
    from actions
    cross join run_parameters
    cross join settings
    inner join customers
        on customers.customer_key = actions.customer_key
    where not customers.is_deleted
),

-- An action for a customer who costs more than they bring in may be due, but it has no value.
actions_with_reasons as (
    select
        *,
        case
            when base_amount is null then 'amount_not_known'
            when rate is null then 'too_few_customers'
            when base_amount <= 0 then 'unprofitable'
            when rate <= 0 then 'no_effect_measured'
        end as no_value_reason
    from actions_with_rates
),

final as (
    select
        customer_key,
        trigger,
        as_of_date,
        customer_kind,
        lifecycle,
        value_basis,
        -- Within one basis: values of different bases do not compare.
        row_number() over (
            partition by value_basis
            order by
                case when no_value_reason is null then base_amount * rate end desc nulls last,
                case when base_amount > 0 then base_amount end desc nulls last,
                customer_key,
                trigger
        ) as value_rank,
        reason,
        due_date,
        contract_id,
        product_line,
        response_id,
        base_amount,
        rate,
        rate_customer_count,
        case when no_value_reason is null then {{ money('base_amount * rate') }} end
            as expected_value_amount,
        no_value_reason,
        value_formula
    from actions_with_reasons
)

select * from final
