-- Grain: one row per customer, without the unknown member
with

customers as (select * from {{ ref('dim_customers') }}),

touches as (select * from {{ ref('int_touchpoints__with_revenue') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

records as (select * from {{ ref('int_data_coverage') }}),

settings as (select * from {{ ref('int_settings') }}),

first_values as (
    select
        customer_key,
        min(business_date) as first_value_date
    from touches
    where is_value
    group by customer_key
),

-- Who used or bought before the day on record had started by then.
starts as (
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
        starts.customer_key,
        starts.customer_kind,
        starts.first_value_date,
        starts.start_date,
        starts.start_basis,
        coalesce(starts.value_recorded_from_date <= starts.start_date, false)
            as is_value_recorded,
        coalesce(records.use_from_date <= starts.start_date, false) as is_use_recorded,
        coalesce(records.ticket_from_date <= starts.start_date, false) as is_ticket_recorded,
        coalesce(records.purchase_from_date <= starts.start_date, false) as is_purchase_recorded,
        cast(starts.start_date + settings.onboarding_window_days - 1 as date)
            as window_end_date,
        cast(least(starts.start_date + settings.onboarding_window_days - 1,
            run_parameters.as_of_date) as date) as observed_until_date,
        run_parameters.as_of_date,
        case
            when starts.customer_kind = 'account' then settings.onboarding_value_days__account
            else settings.onboarding_value_days__person
        end as required_value_day_count
    from starts
    cross join settings
    cross join records
    cross join run_parameters
)

select * from final
