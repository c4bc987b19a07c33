-- Grain: one row per programme, entry month and customer treated then, or comparable to them
{%- set parts = ['margin', 'support', 'referred'] %}
{{ config(materialized='view') }}
with

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

exposures as (select * from {{ ref('int_programme_exposures') }}),

-- Of who was chosen only. As a column, since a condition on one side of the join alone made it
-- seventy times as slow with 8,000 customers.
histories as (select *, false as is_randomised from {{ ref('int_programme_history') }}),

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
        exposures.last_number,
        outcomes.customer_key,
        outcomes.is_active_at_start,
        outcomes.tenure_months,
        outcomes.level_amount,
        outcomes.trend_amount,
        outcomes.previous_outcome_amount,
        outcomes.answer_level_score,
        outcomes.effort_level_score,
        histories.early_outcome_amount,
        histories.early_slope_amount,
        histories.yearly_slope_amount,
        histories.risk_rate,
        {% for part in parts %}
        outcomes.{{ part }}_level_amount,
        histories.early_{{ part }}_amount,
        {% endfor %}
        enrolments.entry_number = entries.entry_number
            and enrolments.arm = 'treated' as is_treated,
        enrolments.entry_number = entries.entry_number
            and enrolments.arm = 'control' as is_control_arm,
        enrolments.other_entry_number,
        first_treated.first_entry_number
    from entries
    inner join outcomes
        on outcomes.month_number = entries.entry_number
    inner join exposures
        on exposures.programme_id = entries.programme_id
        and exposures.entry_number = entries.entry_number
    left join histories
        on histories.entry_number = entries.entry_number
        and histories.customer_key = outcomes.customer_key
        and histories.is_randomised = entries.is_randomised
    left join enrolments
        on enrolments.programme_id = entries.programme_id
        and enrolments.customer_key = outcomes.customer_key
    left join first_treated
        on first_treated.customer_key = outcomes.customer_key
),

-- An experiment is compared arm against arm. Elsewhere a customer is of use until the first month
-- in which a programme other than this one (for controls: any) reaches them.
judged as (
    select
        *,
        coalesce(is_treated, false) as is_treated_now,
        is_randomised
            or (level_amount is not null and early_outcome_amount is not null) as has_past,
        case
            when is_randomised then 999999
            when is_treated then coalesce(other_entry_number, 999999)
            else coalesce(first_entry_number, 999999)
        end as until_number
    from joined
),

-- What a customer is matched on is not what is subtracted: a month that is both and was low by
-- chance would rise afterwards in the treated, who are chosen by it, more than in others. Of those
-- who are no customers at entry the last months say nothing to match on, and are subtracted.
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
            when not has_past then 'no_pre_period'
            else 'comparable'
        end as comparability,
        until_number,
        last_number,
        is_active_at_start,
        tenure_months,
        level_amount,
        early_outcome_amount,
        early_slope_amount,
        yearly_slope_amount,
        risk_rate,
        trend_amount,
        previous_outcome_amount,
        answer_level_score,
        effort_level_score,
        support_level_amount,
        case when is_active_at_start then level_amount else early_outcome_amount end
            as matching_amount,
        case
            when is_randomised then level_amount
            when is_active_at_start then early_outcome_amount
            else level_amount
        end as base_amount,
        {% for part in parts %}
        case
            when not is_randomised and is_active_at_start then early_{{ part }}_amount
            else {{ part }}_level_amount
        end as {{ part }}_base_amount{{ ',' if not loop.last }}
        {% endfor %}
    from judged
    where is_treated_now
        or (is_randomised and is_control_arm)
        or (not is_randomised and until_number > entry_number and has_past)
)

select * from final
