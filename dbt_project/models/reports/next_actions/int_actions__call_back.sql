-- Grain: one row per active customer with a low answer nobody is known to have gone back to
{{ config(materialized='view') }}
with

feedback as (select * from {{ ref('rpt_feedback_to_close') }}),

values_at_stake as (select * from {{ ref('int_at_risk__value_at_stake') }}),

settings as (select * from {{ ref('int_settings') }}),

open_feedback as (
    select
        feedback.*,
        row_number() over (
            partition by feedback.customer_key
            order by feedback.answered_at desc, feedback.response_id desc
        ) as answer_rank,
        count(*) over (partition by feedback.customer_key, feedback.loop_status) as status_count
    from feedback
    cross join settings
    where feedback.loop_status in ('open', 'not_recorded')
        and feedback.age_days between 0 and settings.call_back_days
),

final as (
    select
        open_feedback.customer_key,
        'call_back' as trigger,
        concat(
            open_feedback.low_reason, ' ', open_feedback.age_days, ' days ago, ',
            cast(round(open_feedback.score_normalised) as bigint), ' of 100; low answers',
            case open_feedback.loop_status
                when 'open' then ' open: ' else ', going back not recorded: '
            end,
            open_feedback.status_count
        ) as reason,
        cast(null as date) as due_date,
        open_feedback.response_id,
        values_at_stake.expected_contribution_12m_amount as base_amount,
        values_at_stake.risk_rate as rate,
        values_at_stake.rate_customer_count,
        'avertable_loss' as value_basis,
        'expected contribution of 12 months × risk of leaving' as value_formula
    from open_feedback
    inner join values_at_stake
        on values_at_stake.customer_key = open_feedback.customer_key
    where open_feedback.answer_rank = 1
)

select * from final
