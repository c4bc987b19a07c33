-- Grain: one row per kind of customer, profile dimension and value of it
with

profiled as (select * from {{ ref('int_customers__profiles') }}),

settings as (
    select {{ setting('rate_minimum_customers', 'int') }} as minimum_customers
    from {{ ref('analyst_settings') }}
),

counted as (
    select
        customer_kind,
        profile_dimension,
        profile_value,
        count(*) filter (where is_best) as best_count,
        count(*) filter (where not is_best) as other_count,
        sum(count(*) filter (where is_best)) over whole_dimension as best_customer_count,
        sum(count(*) filter (where not is_best)) over whole_dimension as other_customer_count
    from profiled
    group by customer_kind, profile_dimension, profile_value
    window whole_dimension as (partition by customer_kind, profile_dimension)
),

shared as (
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
        shared.customer_kind,
        shared.profile_dimension,
        shared.profile_value,
        shared.best_count,
        cast(shared.best_customer_count as bigint) as best_customer_count,
        shared.best_share_rate,
        shared.other_count,
        cast(shared.other_customer_count as bigint) as other_customer_count,
        shared.other_share_rate,
        {% for column, side in [('lift', 0), ('lift_low', -1), ('lift_high', 1)] %}
        case when shared.best_count + shared.other_count >= settings.minimum_customers then
            {{ ratio('shared.best_share_rate', 'shared.other_share_rate') }}
            {{- ' * exp(' ~ side ~ ' * 1.959964 * shared.log_standard_error)' if side }}
        end as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from shared
    cross join settings
)

select * from final
