-- Grain: one row per customer and closed month or quarter in which they were active or new
with

months as (select * from {{ ref('fct_customer_months') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

run_parameters as (select * from {{ ref('stg_run__parameters') }}),

-- Why the contract that ended last in a month ended.
endings as (
    select
        customer_key,
        cast(date_trunc('month', end_date) as date) as month_date,
        max_by(cancel_reason_category, concat(cast(end_date as varchar(10)), contract_id))
            as reason_category,
        max_by(
            case when is_voluntary then 'voluntary' when not is_voluntary then 'involuntary'
                else 'unknown' end,
            concat(cast(end_date as varchar(10)), contract_id)
        ) as voluntariness
    from contracts
    where contract_kind <> 'trial'
        and end_date > start_date
    group by 1, 2
),

closed as (
    select
        months.customer_key,
        months.month_date,
        cast(date_trunc('quarter', months.month_date) as date) as quarter_date,
        months.is_active_at_start,
        months.is_active_at_end,
        months.is_new,
        months.is_reclassified,
        case
            when months.activity_rule <> 'contract' then 'inactivity'
            else coalesce(endings.reason_category, 'unknown')
        end as reason_category,
        coalesce(endings.voluntariness, 'unknown') as voluntariness
    from months
    left join endings
        on endings.customer_key = months.customer_key
        and endings.month_date = months.month_date
    where months.is_closed_month
        and (
            months.is_active_at_start or months.is_active_at_end
            or months.is_new or months.is_reclassified
        )
),

quarters as (
    select
        closed.customer_key,
        closed.quarter_date,
        coalesce(bool_or(closed.is_active_at_start)
            filter (where closed.month_date = closed.quarter_date), false) as is_active_at_start,
        coalesce(bool_or(closed.is_active_at_end) filter (
            where {{ month_boundaries('closed.quarter_date', 'closed.month_date') }} = 2
        ), false) as is_active_at_end,
        bool_or(closed.is_new) as is_new,
        -- Rules change where a quarter begins.
        coalesce(bool_or(closed.is_reclassified)
            filter (where closed.month_date = closed.quarter_date), false) as is_reclassified,
        -- The last month they were active at the start of is the month they were lost in.
        max_by(closed.reason_category, closed.month_date)
            filter (where closed.is_active_at_start) as reason_category,
        max_by(closed.voluntariness, closed.month_date)
            filter (where closed.is_active_at_start) as voluntariness
    from closed
    cross join run_parameters
    where last_day(closed.quarter_date + interval 2 month) <= run_parameters.as_of_date
    group by 1, 2
),

periods as (
    select
        customer_key,
        'month' as period_kind,
        month_date as period_date,
        is_active_at_start,
        is_active_at_end,
        is_new,
        is_reclassified,
        reason_category,
        voluntariness
    from closed

    union all

    select
        customer_key,
        'quarter' as period_kind,
        quarter_date,
        is_active_at_start,
        is_active_at_end,
        is_new,
        is_reclassified,
        reason_category,
        voluntariness
    from quarters
),

final as (
    select
        *,
        is_active_at_start and not is_active_at_end as is_lost
    from periods
)

select * from final
