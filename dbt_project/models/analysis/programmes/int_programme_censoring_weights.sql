-- Grain: one row per programme a customer is in ('' = none yet), customer and closed month
with

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

kinds as (
    select * from {{ ref('int_programme_segments') }}
    where segmentation = 'customer_kind'
),

first_treated as (
    select customer_key, min(treated_number) as first_number
    from enrolments
    group by customer_key
),

-- The untreated can be taken by any programme, the treated of one by any other.
months as (
    select
        '' as in_programme_id,
        first_treated.first_number as reached_number,
        outcomes.*
    from outcomes
    left join first_treated
        on first_treated.customer_key = outcomes.customer_key
    where outcomes.month_number >= (select min(treated_number) from enrolments)

    union all

    select
        enrolments.programme_id as in_programme_id,
        enrolments.other_entry_number as reached_number,
        outcomes.*
    from enrolments
    inner join outcomes
        on outcomes.customer_key = enrolments.customer_key
        and outcomes.month_number > enrolments.entry_number
    where enrolments.arm = 'treated'
        and not enrolments.is_randomised
        and coalesce(enrolments.other_entry_number > enrolments.entry_number, true)
),

-- Of those who could still be taken in this month and look alike, how many were not.
at_risk as (
    select
        months.in_programme_id,
        months.customer_key,
        months.month_number,
        avg(case when months.month_number = months.reached_number
            then 0 else 1 end) over (
            partition by
                months.in_programme_id,
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
        and coalesce(months.reached_number, 999999) >= months.month_number
),

-- Where all were taken nobody is left to stand in for them.
final as (
    select
        months.in_programme_id,
        months.customer_key,
        months.month_number,
        {{ exact_sum(
            'case when at_risk.stay_rate > 0 then ln(at_risk.stay_rate) else 0 end',
            over='(
            partition by months.in_programme_id, months.customer_key
            order by months.month_number
        )') }} as log_untouched
    from months
    left join at_risk
        on at_risk.in_programme_id = months.in_programme_id
        and at_risk.customer_key = months.customer_key
        and at_risk.month_number = months.month_number
)

select * from final
