-- Grain: one row per customer_key and month, its lifecycle when the month ended
with

activity as (select * from {{ ref('int_customer_months__activity') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

-- Contracts in force under notice, as known when the month ended.
under_notice as (
    select distinct
        activity.customer_key,
        activity.month_date
    from activity
    inner join contracts
        on contracts.customer_key = activity.customer_key
        and contracts.contract_kind <> 'trial'
        and contracts.notice_date <= activity.end_date
        and contracts.start_date <= activity.end_date
        and contracts.end_date > activity.end_date
),

flagged as (
    select
        activity.customer_key,
        activity.month_date,
        activity.is_active_at_end,
        activity.tenure_months,
        max(case when activity.is_reactivated then 1 else 0 end) over (
            partition by activity.customer_key
            order by activity.month_date
            rows between 2 preceding and current row
        ) = 1 as is_lately_reactivated,
        under_notice.customer_key is not null
            or (
                activity.activity_rule = 'inactivity_window'
                and 2 * {{ days_between('activity.last_activity_date', 'activity.end_date') }}
                    > activity.inactivity_window_days
            ) as is_lapsing
    from activity
    left join under_notice
        on under_notice.customer_key = activity.customer_key
        and under_notice.month_date = activity.month_date
    where activity.customer_key <> 'unknown'
),

final as (
    select
        customer_key,
        'lifecycle' as segmentation,
        case
            when tenure_months is null then 'prospect'
            when not is_active_at_end then 'churned'
            when tenure_months <= 2 then 'new'
            when is_lapsing then 'lapsing'
            when is_lately_reactivated then 'reactivated'
            else 'active'
        end as segment,
        cast(month_date + interval 1 month as date) as valid_from_date
    from flagged
)

select * from final
