-- Rows: programme × segment whose months give another cost, benefit or payback than its result
{%- set keys = ['programme_id', 'segmentation', 'segment'] %}
with

results as (select * from {{ ref('fct_programme_roi') }}),

months as (
    select
        *,
        {{ month_index('month_date') }} as month_number,
        coalesce(cost_to_date_amount > 0 and net_to_date_amount >= 0, false) as is_covered
    from {{ ref('fct_programme_months') }}
),

-- Payback from the amounts: the month after the last in which they were not covered.
sums as (
    select
        {{ keys | join(', ') }},
        count(*) as month_count,
        sum(treated_customer_count) as treated_month_count,
        sum(matched_customer_count) as matched_month_count,
        case when count(*) = count(cost_amount) then nullif(sum(cost_amount), 0) end as cost_amount,
        case when count(*) = count(cost_amount) then sum(cost_amount * discount_factor) end
            as discounted_cost_amount,
        max_by(cost_to_date_amount, month_number) as cost_to_date_amount,
        sum(benefit_amount) as benefit_amount,
        max_by(benefit_to_date_amount, month_number) as benefit_to_date_amount,
        min(month_date) filter (where is_paid_back) as payback_month_date,
        coalesce(
            max(case when not is_covered then month_number end) + 1, min(month_number)
        ) as covered_number,
        max(month_number) as last_number
    from months
    group by {{ keys | join(', ') }}
),

summed as (
    select
        *,
        case when covered_number <= last_number then {{ month_of_index('covered_number') }} end
            as covered_month_date
    from sums
)

select
    results.programme_id,
    results.segmentation,
    results.segment,
    summed.treated_month_count,
    summed.matched_month_count,
    summed.cost_amount,
    summed.cost_to_date_amount,
    summed.discounted_cost_amount,
    summed.benefit_amount,
    summed.benefit_to_date_amount,
    summed.payback_month_date,
    summed.covered_month_date,
    results.treated_month_count as treated_month_count_of_result,
    results.matched_month_count as matched_month_count_of_result,
    results.cost_amount as cost_amount_of_result,
    results.discounted_cost_amount as discounted_cost_amount_of_result,
    results.benefit_amount as benefit_amount_of_result,
    results.payback_month_date as payback_month_date_of_result
from results
left join summed
    on summed.programme_id = results.programme_id
    and summed.segmentation = results.segmentation
    and summed.segment = results.segment
where coalesce(summed.treated_month_count, 0) <> results.treated_month_count
    or coalesce(summed.matched_month_count, 0) <> results.matched_month_count
    or summed.covered_month_date is distinct from summed.payback_month_date
    or (
        -- Given only of what pays back.
        results.verdict in ('pays_back', 'likely_pays_back')
        and summed.payback_month_date is distinct from results.payback_month_date
    )
    or (summed.cost_amount is null) <> (results.cost_amount is null)
    or (
        -- What was refuted is in the months, and not in the result.
        not results.is_refuted
        and (summed.benefit_to_date_amount is null) <> (results.benefit_amount is null)
    )
    -- Amounts are rounded to 0.0001 each.
    or coalesce(greatest(
        abs(summed.cost_amount - results.cost_amount),
        abs(summed.discounted_cost_amount - results.discounted_cost_amount),
        abs(summed.benefit_amount - results.benefit_amount)
    ) > 0.0001 * summed.month_count, false)
    or coalesce(greatest(
        abs(summed.cost_to_date_amount - results.cost_amount),
        abs(summed.benefit_to_date_amount - results.benefit_amount)
    ) > 0.001, false)
