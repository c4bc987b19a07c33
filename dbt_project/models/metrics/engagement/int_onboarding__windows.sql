-- Grain: one row per customer, without the unknown member
with

customers as (select * from {{ ref('dim_customers') }}),

touches as (select * from {{ ref('int_touchpoints__with_revenue') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

records as (select * from {{ ref('int_data_coverage') }}),

settings as (
    select
        {{ setting('onboarding_window_days', 'int') }} as window_days,
        {{ setting('onboarding_value_days__account', 'int') }} as account_value_days,
        {{ setting('onboarding_value_days__person', 'int') }} as person_value_days
    from {{ ref('analyst_settings') }}
),

first_values as (
    select
        customer_key,
        min(business_date) as first_value_date
    from touches
    where is_value
    group by customer_key
),

-- Who used or bought before the day on record had started by then.
started as (
    select
        customers.customer_key,
        customers.customer_kind,
        first_values.first_value_date,
        least(
            coalesce(customers.signup_date, customers.first_seen_date),
            coalesce(first_values.first_value_date, customers.signup_date,
                customers.first_seen_date)
        ) as start_date,
        case
            when customers.signup_date is null then 'first_event'
            when first_values.first_value_date < customers.signup_date then 'first_value'
            else 'signup'
        end as start_basis,
        -- Before the first such event of anybody of the kind the extracts do not hold them.
        min(first_values.first_value_date) over (partition by customers.customer_kind)
            as value_recorded_from_date
    from customers
    left join first_values
        on first_values.customer_key = customers.customer_key
    where customers.customer_key <> 'unknown'
),

final as (
    select
        started.customer_key,
        started.customer_kind,
        started.first_value_date,
        started.start_date,
        started.start_basis,
        coalesce(started.value_recorded_from_date <= started.start_date, false)
            as is_value_recorded,
        {%- for kind in ['use', 'ticket', 'purchase'] %}
        coalesce(records.{{ kind }}_from_date <= started.start_date, false)
            as is_{{ kind }}_recorded,
        {%- endfor %}
        cast(started.start_date + coalesce(settings.window_days, 30) - 1 as date)
            as window_end_date,
        cast(least(started.start_date + coalesce(settings.window_days, 30) - 1,
            run_parameters.as_of_date) as date) as observed_until_date,
        run_parameters.as_of_date,
        coalesce(case
            when started.customer_kind = 'account' then settings.account_value_days
            else settings.person_value_days
        end, 1) as required_value_day_count
    from started
    cross join settings
    cross join records
    cross join run_parameters
)

select * from final
