-- Grain: one row per kind of customer, profile dimension and value of it
with

profiles as (select * from {{ ref('int_customers__profiles') }}),

settings as (select * from {{ ref('int_settings') }}),

counted as (
    select
        customer_kind,
        profile_dimension,
        profile_value,
        count(*) filter (where is_best) as best_count,
        count(*) filter (where not is_best) as other_count,
        sum(count(*) filter (where is_best)) over whole_dimension as best_customer_count,
        sum(count(*) filter (where not is_best)) over whole_dimension as other_customer_count
    from profiles
    group by customer_kind, profile_dimension, profile_value
    window whole_dimension as (partition by customer_kind, profile_dimension)
),

shares as (
    select
        *,
        {{ ratio('best_count', 'best_customer_count') }} as best_share_rate,
        {{ ratio('other_count', 'other_customer_count') }} as other_share_rate,
        sqrt(1.0 / nullif(best_count, 0) - 1.0 / nullif(best_customer_count, 0)
            + 1.0 / nullif(other_count, 0) - 1.0 / nullif(other_customer_count, 0))
            as log_standard_error
    from counted
),

final as (
    select
        shares.customer_kind,
        shares.profile_dimension,
        shares.profile_value,
        shares.best_count,
        cast(shares.best_customer_count as bigint) as best_customer_count,
        shares.best_share_rate,
        shares.other_count,
        cast(shares.other_customer_count as bigint) as other_customer_count,
        shares.other_share_rate,
        case when shares.best_count + shares.other_count >= settings.rate_minimum_customers then
            {{ ratio('shares.best_share_rate', 'shares.other_share_rate') }}
        end as lift,
        case when shares.best_count + shares.other_count >= settings.rate_minimum_customers then
            {{ ratio('shares.best_share_rate', 'shares.other_share_rate') }}
            * exp(-1.959964 * shares.log_standard_error)
        end as lift_low,
        case when shares.best_count + shares.other_count >= settings.rate_minimum_customers then
            {{ ratio('shares.best_share_rate', 'shares.other_share_rate') }}
            * exp(1.959964 * shares.log_standard_error)
        end as lift_high
    from shares
    cross join settings
)

select * from final
