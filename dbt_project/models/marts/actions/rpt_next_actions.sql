-- Grain: one row per customer and trigger that asks for something to be done
{%- set triggers = [
    'renewal', 'onboarding', 'repurchase', 'cross_sell', 'win_back', 'call_back',
] %}
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
    select customer_key, action_trigger, reason, due_date, object_id, base_amount, rate,
        rate_customer_count, value_formula
    from {{ trigger }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

valued as (
    select
        actions.customer_key,
        actions.action_trigger,
        run_parameters.as_of_date,
        customers.customer_kind,
        customers.lifecycle,
        actions.reason,
        actions.due_date,
        actions.object_id,
        actions.base_amount,
        case when actions.rate_customer_count >= settings.minimum_customers then actions.rate end
            as rate,
        cast(actions.rate_customer_count as bigint) as rate_customer_count,
        actions.value_formula
    from actions
    cross join run_parameters
    cross join settings
    inner join customers
        on customers.customer_key = actions.customer_key
    where not customers.is_deleted
),

final as (
    select
        customer_key,
        action_trigger,
        as_of_date,
        customer_kind,
        lifecycle,
        row_number() over (
            order by
                base_amount * rate desc nulls last,
                base_amount desc nulls last,
                customer_key,
                action_trigger
        ) as value_rank,
        reason,
        due_date,
        object_id,
        base_amount,
        rate,
        rate_customer_count,
        {{ money('base_amount * rate') }} as expected_value_amount,
        value_formula
    from valued
)

select * from final
