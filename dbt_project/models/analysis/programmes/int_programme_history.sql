-- Grain: one row per month in which somebody entered a programme by choice, and customer
{%- set early = ['outcome', 'margin', 'support', 'referred'] %}
with

outcomes as (select * from {{ ref('int_programme_outcomes') }}),

risks as (select * from {{ ref('int_programme_risks') }}),

enrolments as (select * from {{ ref('int_programme_enrolments__by_customer') }}),

entries as (
    select distinct entry_number
    from enrolments
    where arm = 'treated' and not is_randomised
),

past as (
    select
        entries.entry_number,
        outcomes.*,
        outcomes.month_number - entries.entry_number as months_before
    from entries
    inner join outcomes
        on outcomes.month_number >= entries.entry_number - 18
        and outcomes.month_number <= entries.entry_number
),

-- Twelve months, so that each month of the year is in the base once, and none of the three by which
-- customers are matched: a chance low in a month that is both would look like an effect after it.
summed as (
    select
        entry_number,
        customer_key,
        max(case when months_before = 0 then 1 else 0 end) as is_on_record,
        {% for column in early %}
        {{ exact_mean(
            column ~ '_amount',
            'months_before between -15 and -4 and outcome_amount is not null'
        ) }}
            as early_{{ column }}_amount,
        {% endfor %}
        count(outcome_amount) filter (where months_before between -15 and -4) as early_month_count,
        {{ exact_mean('outcome_amount', 'months_before between -6 and -1') }} as half_year_amount,
        {{ exact_mean('outcome_amount', 'months_before between -18 and -13') }}
            as half_year_before_amount,
        count(outcome_amount) filter (
            where months_before between -6 and -1 or months_before between -18 and -13
        ) as half_year_month_count,
        -- Of the least-squares line through months 18 to 4 before entry.
        count(outcome_amount) filter (where months_before <= -4) as line_month_count,
        sum(case when outcome_amount is not null then months_before end)
            filter (where months_before <= -4) as line_month_sum,
        sum(case when outcome_amount is not null then months_before * months_before end)
            filter (where months_before <= -4) as line_month_square_sum,
        {{ exact_sum('outcome_amount', 'months_before <= -4') }} as line_sum,
        {{ exact_sum('outcome_amount * months_before', 'months_before <= -4') }} as line_product_sum
    from past
    group by entry_number, customer_key
),

final as (
    select
        summed.entry_number,
        summed.customer_key,
        {% for column in early %}
        case when summed.early_month_count >= 3 then summed.early_{{ column }}_amount end
            as early_{{ column }}_amount,
        {% endfor %}
        case when summed.line_month_count >= 5 then {{ ratio(
            'summed.line_month_count * summed.line_product_sum'
                ~ ' - summed.line_month_sum * summed.line_sum',
            'summed.line_month_count * summed.line_month_square_sum'
                ~ ' - power(summed.line_month_sum, 2)'
        ) }} end as early_slope_amount,
        case when summed.half_year_month_count = 12
            then (summed.half_year_amount - summed.half_year_before_amount) / 12
        end as yearly_slope_amount,
        risks.risk_rate
    from summed
    left join risks
        on risks.entry_number = summed.entry_number
        and risks.customer_key = summed.customer_key
    where summed.is_on_record = 1
)

select * from final
