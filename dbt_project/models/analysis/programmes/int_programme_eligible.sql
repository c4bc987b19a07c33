-- Grain: one row per programme, entry month and customer treated then, or comparable to them
{{ config(materialized='view') }}
with

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

entries as (
    select distinct programme_id, is_randomised, randomised_unit, entry_number
    from enrolments
    where arm = 'treated'
),

first_treated as (
    select customer_key, min(treated_number) as first_entry_number
    from enrolments
    group by customer_key
),

joined as (
    select
        entries.*,
        outcomes.customer_key,
        outcomes.is_active_at_start,
        outcomes.tenure_months,
        outcomes.level_amount,
        outcomes.trend_amount,
        outcomes.previous_outcome_amount,
        outcomes.previous_support_amount,
        outcomes.previous_referred_amount,
        outcomes.margin_level_amount,
        enrolments.entry_number = entries.entry_number
            and enrolments.arm = 'treated' as is_treated,
        enrolments.entry_number = entries.entry_number
            and enrolments.arm = 'control' as is_control_arm,
        enrolments.other_entry_number,
        first_treated.first_entry_number
    from entries
    inner join outcomes
        on outcomes.month_number = entries.entry_number
    left join enrolments
        on enrolments.programme_id = entries.programme_id
        and enrolments.customer_key = outcomes.customer_key
    left join first_treated
        on first_treated.customer_key = outcomes.customer_key
),

-- A lottery is compared arm against arm. Elsewhere a customer is of use until the first month in
-- which a programme other than this one (for controls: any) reaches them.
judged as (
    select
        *,
        coalesce(is_treated, false) as is_treated_now,
        case
            when is_randomised then 999999
            when is_treated then coalesce(other_entry_number, 999999)
            else coalesce(first_entry_number, 999999)
        end as until_number
    from joined
),

final as (
    select
        programme_id,
        is_randomised,
        randomised_unit,
        entry_number,
        customer_key,
        is_treated_now as is_treated,
        case
            when until_number <= entry_number then 'in_another_programme'
            when level_amount is null and not is_randomised then 'no_pre_period'
            else 'comparable'
        end as comparability,
        until_number,
        is_active_at_start,
        {{ programme_tenure_band('tenure_months') }} as tenure_band,
        {{ level_band('level_amount') }} as level_band,
        case
            when trend_amount < -0.25 * abs(level_amount) then -1
            when trend_amount > 0.25 * abs(level_amount) then 1
            else 0
        end as trend_band,
        tenure_months,
        level_amount,
        trend_amount,
        previous_outcome_amount,
        previous_support_amount,
        previous_referred_amount,
        margin_level_amount
    from judged
    where is_treated_now
        or (is_randomised and is_control_arm)
        or (
            not is_randomised
            and until_number > entry_number
            and level_amount is not null
        )
)

select * from final
