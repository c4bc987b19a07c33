-- Grain: one row, what the company's customers did in the last twelve year_months months
with

months as (select * from {{ ref('fct_customer_months') }}),

churn as (select * from {{ ref('int_churn__last_12_months') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

year_months as (
    select
        months.*,
        run_parameters.first_open_month_date
    from months
    cross join run_parameters
    where months.is_closed_month
        and months.month_date >= run_parameters.first_open_month_date - interval 12 month
),

by_customer as (
    select
        customer_key,
        cast(count(*) filter (where is_active_at_start) as double) as active_month_count,
        count(*) filter (where is_active_at_start and contribution_amount is null)
            as unknown_month_count,
        coalesce({{ exact_sum('contribution_amount', 'is_active_at_start') }}, 0)
            as contribution,
        coalesce(bool_or(is_active_at_end) filter (
            where month_date = first_open_month_date - interval 1 month
        ), false) as is_active,
        coalesce(bool_or(is_active_at_start) filter (
            where month_date = first_open_month_date - interval 12 month
        ), false) as was_active
    from year_months
    group by 1
),

contact_customers as (
    select distinct tickets.customer_key
    from tickets
    cross join run_parameters
    where tickets.month_date >= run_parameters.first_open_month_date - interval 12 month
        and tickets.month_date < run_parameters.first_open_month_date
),

totals as (
    select
        {{ exact_sum('by_customer.active_month_count') }} as active_month_count,
        count(*) filter (where by_customer.active_month_count > 0) as customer_count,
        sum(by_customer.unknown_month_count) as unknown_month_count,
        count(*) filter (where by_customer.is_active) as active_customer_count,
        count(*) filter (where by_customer.was_active) as retention_customer_count,
        count(*) filter (where by_customer.was_active and by_customer.is_active) as retained_count,
        count(*) filter (where by_customer.is_active and contact_customers.customer_key is not null)
            as contact_customer_count,
        round({{ ratio(
            exact_sum('by_customer.contribution'), exact_sum('by_customer.active_month_count')
        ) }}, 6) as contribution_a_month
    from by_customer
    left join contact_customers
        on contact_customers.customer_key = by_customer.customer_key
),

-- Standard error of a ratio of sums over customers.
errors as (
    select round(
        sqrt(
            {{ exact_sum('power(
                by_customer.contribution
                - totals.contribution_a_month * by_customer.active_month_count, 2
            )', places=8) }}
            * {{ ratio('max(totals.customer_count)', 'max(totals.customer_count) - 1') }}
        ) / nullif(max(totals.active_month_count), 0), 6
    ) as contribution_error
    from by_customer
    cross join totals
    where by_customer.active_month_count > 0
),

rates as (
    select
        coalesce(totals.active_month_count, 0) as active_month_count,
        coalesce(churn.lost_count, 0) as lost_count,
        totals.customer_count,
        coalesce(totals.unknown_month_count, 0) as unknown_month_count,
        totals.active_customer_count,
        totals.contact_customer_count,
        totals.retention_customer_count,
        totals.retained_count,
        churn.monthly_churn_rate,
        {{ wilson_bound('churn.lost_count', 'churn.active_month_count', -1) }}
            as monthly_churn_rate_low,
        {{ wilson_bound('churn.lost_count', 'churn.active_month_count', 1) }}
            as monthly_churn_rate_high,
        case when totals.unknown_month_count = 0 then totals.contribution_a_month end
            as contribution_a_month,
        case when totals.unknown_month_count = 0 then errors.contribution_error end
            as contribution_error
    from totals
    cross join errors
    left join churn
        on churn.segmentation = 'all'
),

-- Customers who left and came back are retained. Where nobody was active twelve months ago, the
-- monthly churn stands in, which counts no returns.
final as (
    select
        *,
        case when retention_customer_count > 0
            then {{ ratio('retained_count', 'retention_customer_count') }}
            else round(power(1 - monthly_churn_rate, 12), 12) end as retention_rate,
        case when retention_customer_count > 0
            then {{ settled(wilson_bound('retained_count', 'retention_customer_count', -1)) }}
            else {{ settled('power(1 - monthly_churn_rate_high, 12)') }} end as retention_rate_low,
        case when retention_customer_count > 0
            then {{ settled(wilson_bound('retained_count', 'retention_customer_count', 1)) }}
            else {{ settled('power(1 - monthly_churn_rate_low, 12)') }} end as retention_rate_high
    from rates
)

select * from final
