-- Grain: one row per customer and closed month
with

customer_months as (select * from {{ ref('fct_customer_months') }}),

attributed as (select * from {{ ref('int_customers__golden_record') }}),

responses as (select * from {{ ref('fct_survey_responses') }}),

-- What a programme costs is not part of what it achieves: the margin left after support. A month
-- whose support cost is not known has no outcome, or the ledger's first month would look like harm.
measured as (
    select
        customer_key,
        month_date,
        {{ month_index('month_date') }} as month_number,
        is_active_at_start,
        is_active_at_start or is_active_at_end or net_revenue_amount <> 0 as is_active,
        tenure_months,
        case when net_revenue_amount = 0 then 1 else 0 end as is_quiet,
        cast(gross_margin_amount as double) as margin_amount,
        cast(coalesce(support_cost_amount, 0) as double) as support_amount,
        cast(contribution_amount + programme_cost_amount as double) as outcome_amount
    from customer_months
    where is_closed_month
        and customer_key <> 'unknown'
),

referred as (
    select
        attributed.referred_by_customer_key as customer_key,
        measured.month_date,
        {{ exact_sum('measured.outcome_amount') }} as referred_amount
    from measured
    inner join attributed
        on attributed.customer_key = measured.customer_key
    where attributed.referred_by_customer_key is not null
    group by 1, 2
),

answered as (
    select
        customer_key,
        month_date,
        {{ exact_mean('score_normalised') }} as answer_score,
        {{ exact_mean('score_normalised', "survey_kind = 'ces'") }} as effort_score
    from responses
    where score_normalised is not null
    group by 1, 2
),

joined as (
    select
        measured.*,
        coalesce(referred.referred_amount, 0) as referred_amount,
        answered.answer_score,
        answered.effort_score
    from measured
    left join answered
        on answered.customer_key = measured.customer_key
        and answered.month_date = measured.month_date
    left join referred
        on referred.customer_key = measured.customer_key
        and referred.month_date = measured.month_date
),

-- Months are without gaps, so rows back are months back.
lagged as (
    select
        *,
        lag(outcome_amount, 1) over months as outcome_1,
        lag(outcome_amount, 2) over months as outcome_2,
        lag(outcome_amount, 3) over months as outcome_3,
        {% for column in ['margin', 'support', 'referred'] %}
        {{ exact_mean(column ~ '_amount', over='quarter') }} as {{ column }}_level_amount,
        {% endfor %}
        sum(is_quiet) over quarter as quiet_month_count,
        {% for column in ['answer', 'effort'] %}
        {{ exact_mean(column ~ '_score', over='half_year') }} as {{ column }}_level_score
            {{- ',' if not loop.last }}
        {% endfor %}
    from joined
    window
        months as (partition by customer_key order by month_date),
        quarter as (
            partition by customer_key
            order by month_date
            rows between 3 preceding and 1 preceding
        ),
        half_year as (
            partition by customer_key
            order by month_date
            rows between 6 preceding and 1 preceding
        )
),

final as (
    select
        customer_key,
        month_date,
        month_number,
        is_active_at_start,
        is_active,
        tenure_months,
        outcome_amount,
        margin_amount,
        support_amount,
        referred_amount,
        outcome_1 as previous_outcome_amount,
        margin_level_amount,
        support_level_amount,
        referred_level_amount,
        quiet_month_count,
        answer_score,
        answer_level_score,
        effort_score,
        effort_level_score,
        (outcome_1 + outcome_2 + outcome_3) / 3 as level_amount,
        outcome_1 - (outcome_2 + outcome_3) / 2 as trend_amount
    from lagged
)

select * from final
