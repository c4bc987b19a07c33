-- Grain: one row per customer and trigger that asks for something to be done
{%- set triggers = [
    'renewal', 'onboarding', 'repurchase', 'cross_sell', 'win_back', 'call_back',
] %}
{#- What an action is about. -#}
{%- set about = {
    'renewal': 'contract_id', 'cross_sell': 'product_line', 'call_back': 'response_id',
} %}
with

{% for trigger in triggers %}
{{ trigger }} as (select * from {{ ref('int_actions__' ~ trigger) }}),

{% endfor %}
customers as (select * from {{ ref('dim_customers') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

settings as (
    select {{ setting('rate_minimum_customers', 'int') }} as minimum_customers
    from {{ ref('analyst_settings') }}
),

actions as (
    {% for trigger in triggers %}
    select customer_key, trigger, reason, due_date, base_amount, rate, rate_customer_count,
        value_basis, value_formula
        {%- for column in about.values() %},
        {{ column if about.get(trigger) == column else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
            as {{ column }}
        {%- endfor %}
    from {{ trigger }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

valued as (
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
        case when actions.rate_customer_count >= settings.minimum_customers then actions.rate end
            as rate,
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

-- A call to somebody who costs more than they bring in protects nothing: such an action may be due,
-- but it has no value.
judged as (
    select
        *,
        case
            when base_amount is null then 'amount_not_known'
            when rate is null then 'too_few_customers'
            when base_amount <= 0 then 'unprofitable'
            when rate <= 0 then 'no_effect_measured'
        end as no_value_reason
    from valued
),

final as (
    select
        customer_key,
        trigger,
        as_of_date,
        customer_kind,
        lifecycle,
        value_basis,
        -- Within one basis: what comes by itself and what an action could avert do not compare.
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
    from judged
)

select * from final
