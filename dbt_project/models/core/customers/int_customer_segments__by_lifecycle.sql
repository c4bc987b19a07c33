-- Grain: one row per customer_key and month, its lifecycle when the month ended
with

states as (select * from {{ ref('int_customer_months__activity') }}),

contracts as (select * from {{ ref('fct_contracts') }}),

-- Notice given on a contract that still runs; only what was known when the month ended.
noticed as (
    select distinct
        states.customer_key,
        states.month_date
    from states
    inner join contracts
        on contracts.customer_key = states.customer_key
        and contracts.contract_kind <> 'trial'
        and contracts.notice_date <= states.end_date
        and contracts.start_date <= states.end_date
        and contracts.end_date > states.end_date
),

judged as (
    select
        states.customer_key,
        states.month_date,
        states.is_active_at_end,
        states.tenure_months,
        max(case when states.is_reactivated then 1 else 0 end) over (
            partition by states.customer_key
            order by states.month_date
            rows between 2 preceding and current row
        ) = 1 as is_lately_reactivated,
        noticed.customer_key is not null
            or (
                states.activity_rule = 'inactivity_window'
                and 2 * {{ days_between('states.last_activity_date', 'states.end_date') }}
                    > states.inactivity_window_days
            ) as is_lapsing
    from states
    left join noticed
        on noticed.customer_key = states.customer_key
        and noticed.month_date = states.month_date
    where states.customer_key <> 'unknown'
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
    from judged
)

select * from final
