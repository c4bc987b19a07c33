-- Grain: one row per active customer with a low answer nobody is known to have gone back to
{{ config(materialized='view') }}
with

feedback as (select * from {{ ref('rpt_feedback_to_close') }}),

valued as (select * from {{ ref('int_at_risk__value_at_stake') }}),

settings as (
    select {{ setting('call_back_days', 'int') }} as call_back_days
    from {{ ref('analyst_settings') }}
),

latest as (
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
        latest.customer_key,
        'call_back' as trigger,
        concat(
            latest.low_reason, ' ', latest.age_days, ' days ago, ',
            cast(round(latest.score_normalised) as bigint), ' of 100; low answers',
            case latest.loop_status
                when 'open' then ' open: ' else ', going back not recorded: '
            end,
            latest.status_count
        ) as reason,
        cast(null as date) as due_date,
        latest.response_id,
        valued.expected_contribution_12m_amount as base_amount,
        valued.risk_rate as rate,
        valued.rate_customer_count,
        'avertable_loss' as value_basis,
        'expected contribution of 12 months × risk of leaving' as value_formula
    from latest
    inner join valued
        on valued.customer_key = latest.customer_key
    where latest.answer_rank = 1
)

select * from final
