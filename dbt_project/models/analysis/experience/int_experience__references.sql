-- Grain: one row per signal and horizon, the bucket that the others are compared with
with

buckets as (select * from {{ ref('int_experience__outcome_sums') }}),

-- The worst experience, as declared; where it has too few customers or too few of it churned, the
-- largest bucket that has enough, of both or at least of customers: against nobody there is nothing
-- to compare with, and against next to nobody as good as.
ranked as (
    select
        signal,
        horizon_days,
        bucket as reference_bucket,
        row_number() over (
            partition by signal, horizon_days
            order by
                case
                    when active_n >= {{ var('minimum_compared_customers') }}
                        and churned_n >= {{ var('minimum_expected_events') }} then 0
                    else 1
                end,
                case when active_n >= {{ var('minimum_compared_customers') }} then 0 else 1 end,
                case when bucket = reference_bucket then 0 else 1 end,
                active_n desc,
                bucket_rank
        ) as reference_rank
    from buckets
),

final as (
    select
        signal,
        horizon_days,
        reference_bucket
    from ranked
    where reference_rank = 1
)

select * from final
