-- Grain: one row per customer and closed month from the first entry into any programme on
with

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

enrolments as (
    select * from {{ ref('int_programme_enrolments__by_customer') }}
    where arm = 'treated'
),

kinds as (
    select * from {{ ref('int_programme_segments') }}
    where segmentation = 'customer_kind'
),

first_treated as (
    select customer_key, min(entry_number) as first_entry_number
    from enrolments
    group by customer_key
),

months as (
    select
        outcomes.*,
        first_treated.first_entry_number
    from outcomes
    left join first_treated
        on first_treated.customer_key = outcomes.customer_key
    where outcomes.month_number >= (select min(entry_number) from enrolments)
),

-- Of those who could still be taken in this month and look alike, how many were not.
at_risk as (
    select
        months.customer_key,
        months.month_number,
        avg(case when months.month_number = months.first_entry_number
            then cast(0 as double) else cast(1 as double) end) over (
            partition by
                months.month_number,
                kinds.segment,
                months.is_active_at_start,
                {{ programme_tenure_band('months.tenure_months') }},
                {{ level_band('months.level_amount') }}
        ) as stay_rate
    from months
    inner join kinds
        on kinds.customer_key = months.customer_key
        and kinds.from_number <= months.month_number
        and kinds.to_number > months.month_number
    where months.level_amount is not null
        and coalesce(months.first_entry_number, 999999) >= months.month_number
),

-- Where all were taken nobody is left to stand in for them.
final as (
    select
        months.customer_key,
        months.month_number,
        sum(case when at_risk.stay_rate > 0 then ln(at_risk.stay_rate) else 0 end) over (
            partition by months.customer_key
            order by months.month_number
        ) as log_untouched
    from months
    left join at_risk
        on at_risk.customer_key = months.customer_key
        and at_risk.month_number = months.month_number
)

select * from final
